import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import css from './field.module.css';

interface Labelled {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with the value. */
  readonly fault?: string | undefined;
}

function Frame({ id, label, hint, fault, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} className={css.fault}>
          {fault}
        </p>
      )}
    </div>
  );
}

/** What a screen reader says of a field besides its label. */
function told(id: string, hint: string | undefined, fault: string | undefined) {
  const texts = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean);
  return {
    ...(texts.length > 0 && { 'aria-describedby': texts.join(' ') }),
    ...(fault !== undefined && { 'aria-invalid': true }),
  };
}

export function TextField({
  label,
  hint,
  fault,
  ...input
}: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} fault={fault}>
      <input id={id} className={css.input} {...told(id, hint, fault)} {...input} />
    </Frame>
  );
}

export function TextArea({
  label,
  hint,
  fault,
  ...input
}: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} fault={fault}>
      <textarea id={id} className={css.input} rows={3} {...told(id, hint, fault)} {...input} />
    </Frame>
  );
}

export function SelectField({
  label,
  hint,
  fault,
  ...input
}: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} fault={fault}>
      <select id={id} className={css.input} {...told(id, hint, fault)} {...input} />
    </Frame>
  );
}
