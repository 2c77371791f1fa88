import type { ButtonHTMLAttributes, Ref } from 'react';
import css from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly ref?: Ref<HTMLButtonElement>;
  /** `plain` looks like text, `main` is the one thing to do here, `risky` takes something away. */
  readonly look?: 'plain' | 'line' | 'main' | 'risky';
}

export function Button({ look = 'line', className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={`${css.button} ${css[look]} ${className ?? ''}`} {...rest} />;
}
