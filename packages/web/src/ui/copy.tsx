import { useEffect, useState } from 'react';
import { useT } from '../words/language.tsx';
import { Button } from './button.tsx';
import css from './copy.module.css';

/** Copies a text and says so for a moment. Without a clipboard (plain HTTP) it says that, and the text can be selected. */
export function CopyButton({ text, label }: { text: string | (() => string); label?: string }) {
  const t = useT();
  const [done, setDone] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(undefined), 2_000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () =>
    setDone((await writeClipboard(typeof text === 'string' ? text : text())) ? 'copied' : 'failed');
  return (
    <Button look="plain" className={css.button} onClick={() => void copy()}>
      <span aria-live="polite">
        {done === 'copied'
          ? t('action.copied')
          : done === 'failed'
            ? t('action.copyFailed')
            : (label ?? t('action.copy'))}
      </span>
    </Button>
  );
}

async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** A command or a piece of code to take along. */
export function CodeBlock({ code, label }: { code: string; label?: string }) {
  return (
    <figure className={css.figure}>
      {label && <figcaption className={css.caption}>{label}</figcaption>}
      <div className={css.block}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre className={css.code} tabIndex={0}>
          {code}
        </pre>
        <CopyButton text={code} />
      </div>
    </figure>
  );
}
