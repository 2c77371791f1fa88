import type { ReactNode } from 'react';
import css from './option.module.css';

interface OptionProps {
  readonly id: string;
  readonly chosen: boolean;
  readonly onTake: () => void;
  readonly children: ReactNode;
}

/** One of the things that a text field offers (the combobox pattern): its keys are those of the field. */
export function Option({ id, chosen, onTake, children }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text field (combobox)
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      className={css.option}
      // Before the field loses the focus, which would close the list.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onTake}
    >
      {children}
    </div>
  );
}
