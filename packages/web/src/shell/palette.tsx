import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useState } from 'react';
import { viewsQuery } from '../api/queries.ts';
import { readSearch } from '../list/search.ts';
import { Dialog } from '../ui/dialog.tsx';
import option from '../ui/option.module.css';
import { Option } from '../ui/option.tsx';
import { useShownShortcuts } from '../ui/shortcuts.ts';
import { useT } from '../words/language.tsx';
import css from './palette.module.css';
import { type Command, commandsLike } from './palette-commands.ts';
import { useMay } from './session.ts';

/** Every key of the page and of the shell by its name, the saved views, and the search for whatever is typed. */
export function Palette({ onClose }: { onClose: () => void }) {
  const t = useT();
  const id = useId();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const shortcuts = useShownShortcuts();
  const searches = useMay('jobs.inspect');
  const { data: views = [] } = useQuery({ ...viewsQuery, enabled: searches });
  const offered: Command[] = [
    ...shortcuts.filter(({ keys }) => keys !== '?'),
    ...views.map((view) => ({
      label: view.name,
      hint: t('views.title'),
      run: () =>
        void navigate({ to: '/', search: readSearch(Object.fromEntries(new URLSearchParams(view.query))) }),
    })),
  ];
  const query = text.trim();
  const found = commandsLike(offered, query);
  if (query !== '' && searches)
    found.push({
      label: t('palette.searchFor', { query }),
      run: () => void navigate({ to: '/', search: { q: query } }),
    });
  const chosen = Math.min(at, found.length - 1);
  const take = (command: Command | undefined) => {
    if (command === undefined) return;
    // What it does may want the focus, or open a dialog of its own: this one goes first.
    onClose();
    setTimeout(command.run);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      const next = (chosen + step + found.length) % found.length;
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(found[chosen]);
    }
  };
  return (
    <Dialog title={t('palette.title')} onClose={onClose}>
      <input
        className={css.input}
        role="combobox"
        aria-label={t('palette.box')}
        aria-expanded={true}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={chosen < 0 ? undefined : `${id}-${chosen}`}
        placeholder={t('palette.box')}
        autoComplete="off"
        spellCheck={false}
        maxLength={2_000}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={id} role="listbox" aria-label={t('palette.title')} className={css.list}>
        {found.map((command, index) => (
          <Option
            key={`${command.keys} ${command.hint} ${command.label}`}
            id={`${id}-${index}`}
            chosen={index === chosen}
            onTake={() => take(command)}
          >
            <span className={`${option.name} ${css.label}`}>{command.label}</span>
            {command.hint && <span className={css.hint}>{command.hint}</span>}
            {command.keys?.split(' ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </Option>
        ))}
      </div>
      {found.length === 0 && <p className={css.hint}>{t('palette.nothing')}</p>}
    </Dialog>
  );
}
