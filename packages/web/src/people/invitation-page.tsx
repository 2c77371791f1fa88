import type { OpenInvitation, Translate } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import { forgetPerson } from '../api/query-client.ts';
import type { Session } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { isChosen, NewPassword, noPassword } from '../sign-in/new-password.tsx';
import css from '../sign-in/sign-in.module.css';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';

/**
 * Signs up by an invitation, or lets a customer who has an account follow one more provider. The token stands in the
 * fragment, which no server, log or Referer gets; it is worth nothing as soon as it was used.
 */
export function InvitationPage() {
  const t = useT();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [token] = useState(() => location.hash.slice(1));
  // It is used up from then on: asking for it again would only be told so.
  const [used, setUsed] = useState(false);
  const { data: session } = useQuery(sessionQuery);
  const { data, error, refetch } = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) =>
      call<OpenInvitation>('/invitations/read', { method: 'POST', body: { token }, signal }),
    enabled: !used,
  });
  const enter = (as: Session) => {
    setUsed(true);
    void forgetPerson(client, as).then(() => navigate({ to: '/', replace: true }));
  };
  if (used) return <main id="content" />;
  if (error instanceof ApiError && [400, 401].includes(error.status)) {
    return (
      <Page title={t('signUp.gone.title')}>
        <p>{t('signUp.gone.explain')}</p>
        <p>
          <Link to="/sign-in">{t('signIn.title')}</Link>
        </p>
      </Page>
    );
  }
  if (!data || session === undefined)
    return <main id="content">{error && <ErrorNote error={error} onRetry={() => void refetch()} />}</main>;
  return (
    <Page title={t('signUp.title')}>
      <div className={css.panel}>
        <p>{sentence(data, t)}</p>
        {session === null ? (
          <SignUpForm token={token} onDone={enter} />
        ) : session.role === 'customer' && data.role === 'customer' ? (
          <Join token={token} session={session} onDone={enter} />
        ) : (
          <p>{t('signUp.notCustomer', { name: session.name })}</p>
        )}
      </div>
    </Page>
  );
}

function sentence({ role, provider, customer }: OpenInvitation, t: Translate): string {
  if (role === 'provider')
    return provider === null ? t('signUp.provider') : t('signUp.provider.known', { provider });
  return customer === null
    ? t('signUp.customer', { provider: provider ?? '' })
    : t('signUp.customer.known', { provider: provider ?? '', customer });
}

interface AcceptProps {
  readonly token: string;
  readonly onDone: (as: Session) => void;
}

function SignUpForm({ token, onDone }: AcceptProps) {
  const t = useT();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [chosen, setChosen] = useState(noPassword);
  const signUp = useMutation({
    mutationFn: () =>
      call<Session>('/invitations/accept', {
        method: 'POST',
        body: {
          token,
          name: name.trim(),
          password: chosen.password,
          ...(displayName.trim() !== '' && { displayName: displayName.trim() }),
        },
      }),
    onSuccess: onDone,
  });
  const isTaken = signUp.error instanceof ApiError && signUp.error.code === 'already_exists';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isChosen(chosen)) signUp.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextField
        label={t('signUp.name')}
        hint={t('signUp.name.hint')}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={isTaken}
        required
      />
      <TextField
        label={t('signIn.displayName')}
        value={displayName}
        onChange={(event) => setDisplayName(event.target.value)}
        autoComplete="name"
      />
      <NewPassword label={t('signIn.password')} chosen={chosen} onChange={setChosen} />
      {isTaken && (
        <p className={css.wrong} role="alert">
          {t('signUp.taken')}
        </p>
      )}
      {signUp.error && !isTaken && <ErrorNote error={signUp.error} />}
      <Button type="submit" look="main" disabled={signUp.isPending || !isChosen(chosen)}>
        {t('signUp.submit')}
      </Button>
    </form>
  );
}

function Join({ token, session, onDone }: AcceptProps & { session: Session }) {
  const t = useT();
  const join = useMutation({
    mutationFn: () => call('/session/customers', { method: 'POST', body: { token } }),
    onSuccess: () => {
      announce(t('signUp.joined'));
      onDone(session);
    },
  });
  return (
    <div className={css.form}>
      <p>{t('signUp.as', { name: session.name })}</p>
      {join.error && <ErrorNote error={join.error} />}
      <Button look="main" disabled={join.isPending} onClick={() => join.mutate()}>
        {t('signUp.join')}
      </Button>
    </div>
  );
}
