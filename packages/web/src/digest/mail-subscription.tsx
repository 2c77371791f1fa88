import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { type DigestSubscription, subscriptionQuery } from '../api/diary-queries.ts';
import { useSession } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import css from './digest.module.css';

/** Whether the digest comes by mail, and where to. */
export function MailSubscription() {
  const t = useT();
  const { data } = useQuery(subscriptionQuery);
  // An API key gets no mail.
  if (useSession().kind !== 'user' || !data) return null;
  return (
    <section className={css.mail}>
      <h2>{t('digest.mail')}</h2>
      <p>{t('digest.mail.explain')}</p>
      {!data.sendsMail && <p>{t('digest.mail.off')}</p>}
      {data.email !== null && <Subscribed email={data.email} />}
      {data.email === null && data.sendsMail && <Subscribe />}
    </section>
  );
}

function Subscribed({ email }: { email: string }) {
  const t = useT();
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => call('/digest/subscription', { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: subscriptionQuery.queryKey }),
  });
  return (
    <>
      <p>{t('digest.mail.on', { email })}</p>
      {stop.error && <ErrorNote error={stop.error} />}
      <Button disabled={stop.isPending} onClick={() => stop.mutate()}>
        {t('digest.mail.stop')}
      </Button>
    </>
  );
}

function Subscribe() {
  const t = useT();
  const client = useQueryClient();
  const [email, setEmail] = useState('');
  const ask = useMutation({
    mutationFn: () =>
      call<DigestSubscription>('/digest/subscription', {
        method: 'PUT',
        body: { email, language: t.language },
      }),
    onSuccess: (answer) => client.setQueryData(subscriptionQuery.queryKey, answer),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <form onSubmit={submit} className={css.form}>
      <TextField
        type="email"
        required
        autoComplete="email"
        label={t('digest.mail.address')}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Button type="submit" look="main" disabled={ask.isPending}>
        {t('digest.mail.subscribe')}
      </Button>
      {ask.error && <ErrorNote error={ask.error} />}
    </form>
  );
}
