import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { type Shortcut, useShortcuts, useShownShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import css from './keys-help.module.css';
import { useHelpsWith } from './session.ts';

/** `?` shows the keys of the page one is on. */
export function KeysHelp() {
  const t = useT();
  const [open, setOpen] = useState(false);
  const shown = useShownShortcuts();
  const helpsWith = useHelpsWith();
  useShortcuts(useMemo(() => [{ keys: '?', label: t('keyboard.show'), run: () => setOpen(true) }], [t]));
  if (!open) return null;
  return (
    <Dialog title={t('keyboard.title')} onClose={() => setOpen(false)}>
      <KeyList shortcuts={[...shown, { keys: 'Ctrl K', label: t('keyboard.palette') }]} />
      {helpsWith('jobs.inspect') && (
        <p>
          <Link to="/help" hash="search" onClick={() => setOpen(false)}>
            {t('search.more')}
          </Link>
        </p>
      )}
    </Dialog>
  );
}

export function KeyList({ shortcuts }: { shortcuts: readonly Pick<Shortcut, 'keys' | 'label'>[] }) {
  return (
    <dl className={css.list}>
      {shortcuts.map(({ keys, label }) => (
        <div key={keys}>
          <dt>
            {keys.split(' ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{label}</dd>
        </div>
      ))}
    </dl>
  );
}
