let token: string | undefined;

/**
 * Takes the one-time token of a sign-in link (`/diary/sign-in#token=…`) out of the address at once, so that it stays
 * neither there nor in the history. A fragment never reaches a server or its log.
 */
export function keepSignInToken(): void {
  const found = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (found === undefined) return;
  token = decodeURIComponent(found);
  history.replaceState(history.state, '', location.pathname + location.search);
}

/** Hands the token out, once: it works only once. */
export function takeSignInToken(): string | undefined {
  const taken = token;
  token = undefined;
  return taken;
}
