import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import css from './menu.module.css';

interface MenuProps {
  readonly label: ReactNode;
  /** What a screen reader calls the button, if the label does not say it. */
  readonly name?: string;
  readonly children: ReactNode;
}

/** A button that opens a small panel of choices; it closes with a choice, a click elsewhere, or Escape. */
export function Menu({ label, name, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  useEffect(() => {
    if (!open) return;
    const closeOutside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [open]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open || event.key !== 'Escape') return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes, wherever in the menu the focus is
    <div className={css.box} ref={box} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className={css.opener}
        aria-expanded={open}
        aria-controls={panelId}
        aria-label={name}
        title={name}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      <div
        id={panelId}
        className={css.panel}
        hidden={!open}
        onClickCapture={(event) => closesMenu(event.target) && setOpen(false)}
      >
        {children}
      </div>
    </div>
  );
}

function closesMenu(target: EventTarget): boolean {
  const pressed = target instanceof Element ? target.closest('a, button') : null;
  return pressed !== null && pressed.closest('[data-stays]') === null;
}

/** One choice of several in a menu. */
export function MenuChoice({
  chosen,
  onChoose,
  children,
}: {
  chosen: boolean;
  onChoose: () => void;
  children: ReactNode;
}) {
  return (
    <button type="button" className={css.choice} aria-pressed={chosen} onClick={onChoose}>
      <span className={css.tick} aria-hidden="true">
        {chosen ? '✓' : ''}
      </span>
      {children}
    </button>
  );
}

/** Choices of which people make several: the menu stays open. */
export function MenuStays({ children }: { children: ReactNode }) {
  return <div data-stays>{children}</div>;
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return <p className={css.heading}>{children}</p>;
}

export const menuItem = css.item;
