import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { Page } from '../shell/page.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import css from './sign-in.module.css';

/** The server refuses shorter ones. */
const shortest = 10;

interface SetPasswordProps {
  readonly name: string;
  readonly onDone: () => void;
  readonly onLater: () => void;
}

/** After the one-time link: a password, so that the next time needs no link. It can wait. */
export function SetPassword({ name, onDone, onLater }: SetPasswordProps) {
  const t = useT();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const save = useMutation({
    mutationFn: () => call('/session/password', { method: 'PUT', body: { password } }),
    onSuccess: () => {
      announce(t('state.saved'));
      onDone();
    },
  });
  const differs = again !== '' && again !== password;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password === again) save.mutate();
  };
  return (
    <Page title={t('signIn.welcome', { name })}>
      <div className={css.panel}>
        <p>{t('signIn.setPassword.explain')}</p>
        <form className={css.form} onSubmit={submit}>
          <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
          <TextField
            label={t('signIn.newPassword')}
            hint={t('signIn.passwordShort', { length: shortest })}
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="new-password"
            minLength={shortest}
            required
          />
          <TextField
            label={t('signIn.repeatPassword')}
            hint={differs ? t('signIn.passwordsDiffer') : undefined}
            type="password"
            value={again}
            onChange={(event) => setAgain(event.target.value)}
            autoComplete="new-password"
            aria-invalid={differs}
            required
          />
          {save.error && <ErrorNote error={save.error} />}
          <div className={css.actions}>
            <Button
              type="submit"
              look="main"
              disabled={save.isPending || password.length < shortest || password !== again}
            >
              {t('signIn.setPassword')}
            </Button>
            <Button look="plain" onClick={onLater}>
              {t('signIn.setPassword.later')}
            </Button>
          </div>
        </form>
      </div>
    </Page>
  );
}
