import { TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';

/** The server refuses shorter ones. */
const shortest = 10;

/** A password that is being chosen, and what was typed the second time. */
export interface ChosenPassword {
  readonly password: string;
  readonly again: string;
}

export const noPassword: ChosenPassword = { password: '', again: '' };

/** True if it is long enough and the same both times. */
export function isChosen({ password, again }: ChosenPassword): boolean {
  return password.length >= shortest && password === again;
}

interface NewPasswordProps {
  readonly label: string;
  readonly chosen: ChosenPassword;
  readonly onChange: (chosen: ChosenPassword) => void;
}

/** A new password, twice, because nobody sees what they type. */
export function NewPassword({ label, chosen, onChange }: NewPasswordProps) {
  const t = useT();
  const { password, again } = chosen;
  const differs = again !== '' && again !== password;
  const rules = { type: 'password', autoComplete: 'new-password', required: true } as const;
  return (
    <>
      <TextField
        label={label}
        hint={t('signIn.passwordShort', { length: shortest })}
        value={password}
        onChange={(event) => onChange({ ...chosen, password: event.target.value })}
        minLength={shortest}
        {...rules}
      />
      <TextField
        label={t('signIn.repeatPassword')}
        fault={differs ? t('signIn.passwordsDiffer') : undefined}
        value={again}
        onChange={(event) => onChange({ ...chosen, again: event.target.value })}
        {...rules}
      />
    </>
  );
}
