import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import { forgetPerson } from '../api/query-client.ts';
import type { Session } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import { SetPassword } from './set-password.tsx';
import css from './sign-in.module.css';
import { onSignInToken } from './token.ts';

const route = getRouteApi('/sign-in');

type Credentials = { readonly name: string; readonly password: string } | { readonly token: string };

/** Signs in by the one-time link (whose token was taken out of the address already) or by name and password. */
export function SignInPage() {
  const t = useT();
  const client = useQueryClient();
  const router = useRouter();
  const { next = '/', ended = false } = route.useSearch();
  const { data: session } = useQuery(sessionQuery);
  const [byLink, setByLink] = useState(false);
  const signIn = useMutation({
    mutationFn: (credentials: Credentials) =>
      call<Session>('/session', { method: 'POST', body: credentials }),
    onSuccess: (signedIn, credentials) => {
      setByLink('token' in credentials);
      return forgetPerson(client, signedIn);
    },
  });
  const { mutate } = signIn;
  useEffect(() => onSignInToken((token) => mutate({ token })), [mutate]);

  const offersPassword = byLink && session?.kind === 'user' && !session.hasPassword;
  const goesOn = Boolean(session) && !offersPassword && !signIn.isPending;
  useEffect(() => {
    if (goesOn) router.history.replace(`/diary${next === '/' ? '' : next}`);
  }, [goesOn, router, next]);

  if (session && offersPassword) {
    return (
      <SetPassword
        name={session.name}
        onDone={() => void client.invalidateQueries({ queryKey: sessionQuery.queryKey })}
        onLater={() => setByLink(false)}
      />
    );
  }
  const tokenFailed = signIn.error && signIn.variables && 'token' in signIn.variables;
  return (
    <Page title={t('signIn.title')}>
      <div className={css.panel}>
        {tokenFailed && isWrong(signIn.error) && (
          <p className={css.wrong} role="alert">
            {t('signIn.link.used')}
          </p>
        )}
        {ended && signIn.isIdle && <p role="status">{t('signIn.ended')}</p>}
        <PasswordForm pending={signIn.isPending} onSubmit={mutate} />
        {signIn.error && !(tokenFailed && isWrong(signIn.error)) && <SignInError error={signIn.error} />}
        <p className={css.hint}>{t('signIn.link.where')}</p>
      </div>
    </Page>
  );
}

function isWrong(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

function SignInError({ error }: { error: unknown }) {
  const t = useT();
  if (isWrong(error)) {
    return (
      <p className={css.wrong} role="alert">
        {t('signIn.wrong')}
      </p>
    );
  }
  return <ErrorNote error={error} />;
}

function PasswordForm({
  pending,
  onSubmit,
}: {
  pending: boolean;
  onSubmit: (credentials: Credentials) => void;
}) {
  const t = useT();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({ name: name.trim(), password });
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextField
        label={t('signIn.user')}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <TextField
        label={t('signIn.password')}
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
        required
      />
      <Button type="submit" look="main" disabled={pending}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
