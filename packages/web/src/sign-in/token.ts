let token: string | undefined;
let take: ((token: string) => void) | undefined;

/**
 * Takes the one-time token of a sign-in link (`/diary/sign-in#token=…`) out of the address at once, so that it stays
 * neither there nor in the history. A fragment never reaches a server or its log.
 */
export function keepSignInToken(): void {
  keep();
  // A link that is opened in a tab which shows the sign-in page already changes the fragment alone: nothing is loaded.
  addEventListener('hashchange', keep);
}

function keep(): void {
  const found = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (found === undefined) return;
  token = decodeURIComponent(found);
  history.replaceState(history.state, '', location.pathname + location.search);
  handOut();
}

/** Hands tokens out, each once, as it works only once: the one that is there, and those that come. */
export function onSignInToken(taker: (token: string) => void): () => void {
  take = taker;
  handOut();
  return () => {
    if (take === taker) take = undefined;
  };
}

function handOut(): void {
  const taken = token;
  if (taken === undefined || take === undefined) return;
  token = undefined;
  take(taken);
}
