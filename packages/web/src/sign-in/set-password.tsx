import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { Page } from '../shell/page.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import { isChosen, NewPassword, noPassword } from './new-password.tsx';
import css from './sign-in.module.css';

interface SetPasswordProps {
  readonly name: string;
  readonly onDone: () => void;
  readonly onLater: () => void;
}

/** After the one-time link: a password, so that the next time needs no link. It can wait. */
export function SetPassword({ name, onDone, onLater }: SetPasswordProps) {
  const t = useT();
  const [chosen, setChosen] = useState(noPassword);
  const save = useMutation({
    mutationFn: () => call('/session/password', { method: 'PUT', body: { password: chosen.password } }),
    onSuccess: () => {
      announce(t('state.saved'));
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isChosen(chosen)) save.mutate();
  };
  return (
    <Page title={t('signIn.welcome', { name })}>
      <div className={css.panel}>
        <p>{t('signIn.setPassword.explain')}</p>
        <form className={css.form} onSubmit={submit}>
          <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
          <NewPassword label={t('signIn.newPassword')} chosen={chosen} onChange={setChosen} />
          {save.error && <ErrorNote error={save.error} />}
          <div className={css.actions}>
            <Button type="submit" look="main" disabled={save.isPending || !isChosen(chosen)}>
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
