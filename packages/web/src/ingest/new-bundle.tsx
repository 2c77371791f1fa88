import { describingEntries, formatBytes } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type FormEvent, useDeferredValue, useRef, useState } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { storedText } from '../ui/stored-text.ts';
import { useT } from '../words/language.tsx';
import type { ChosenFile } from './browser-bundle.ts';
import { chosenFiles, droppedFiles } from './dropped-files.ts';
import css from './ingest.module.css';
import { schemaQuery } from './queries.ts';
import { fieldsOf } from './schema-fields.ts';
import { SchemaInput } from './schema-input.tsx';
import { uploadList } from './upload-list.ts';

/** Where files are dropped, and what is said of them before they are sent. */
export function NewBundle() {
  const t = useT();
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const add = (more: readonly ChosenFile[]) => setFiles((known) => withoutDoubles([...known, ...more]));
  return (
    <section className={css.section} aria-label={t('ingest.new')}>
      <DropZone onFiles={add} />
      {files.length > 0 && <Describe files={files} onOver={() => setFiles([])} />}
    </section>
  );
}

/** Of one path what was chosen last: a bundle holds no name twice. */
function withoutDoubles(files: readonly ChosenFile[]): readonly ChosenFile[] {
  return [...new Map(files.map((each) => [each.path, each])).values()];
}

function DropZone({ onFiles }: { onFiles: (files: readonly ChosenFile[]) => void }) {
  const t = useT();
  const [isOver, setOver] = useState(false);
  const [fault, setFault] = useState<'ingest.drop.nothing' | 'ingest.drop.unreadable'>();
  const fileInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    setFault(undefined);
    try {
      const files = await droppedFiles(event.dataTransfer);
      if (files.length === 0) setFault('ingest.drop.nothing');
      onFiles(files);
    } catch {
      // A file that is gone, or that its owner keeps to themselves: half a folder is not what was dropped.
      setFault('ingest.drop.unreadable');
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the buttons are everybody's
    <div
      className={css.drop}
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <div>
        <p>{t('ingest.drop')}</p>
        {fault && (
          <p className={css.bad} role="alert">
            {t(fault)}
          </p>
        )}
      </div>
      <div className={css.verbs}>
        <Button onClick={() => fileInput.current?.click()}>{t('ingest.chooseFiles')}</Button>
        <Button onClick={() => folderInput.current?.click()}>{t('ingest.chooseFolder')}</Button>
      </div>
      <input
        ref={fileInput}
        type="file"
        multiple
        hidden
        aria-label={t('ingest.chooseFiles')}
        onChange={({ target }) => {
          onFiles(chosenFiles(target.files));
          target.value = '';
        }}
      />
      <input
        ref={folderInput}
        type="file"
        hidden
        aria-label={t('ingest.chooseFolder')}
        {...{ webkitdirectory: '' }}
        onChange={({ target }) => {
          onFiles(chosenFiles(target.files));
          target.value = '';
        }}
      />
    </div>
  );
}

const kept = storedText('daybook.ingest');

/** What is the same from one bundle to the next. */
function remembered(): { project?: string; instrument?: string; submitter?: string } {
  try {
    return JSON.parse(kept.get() ?? '{}') as object;
  } catch {
    return {};
  }
}

function Describe({ files, onOver }: { files: readonly ChosenFile[]; onOver: () => void }) {
  const t = useT();
  const session = useQuery(sessionQuery).data;
  const [name, setName] = useState(() => files[0]?.path.split('/')[0] ?? '');
  const [facts, setFacts] = useState(() => ({ project: '', instrument: '', submitter: '', ...remembered() }));
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({});
  const schema = useQuery(schemaQuery(useDeferredValue(facts.project.trim())));
  const fields = fieldsOf(schema.data?.schema ?? null);
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  const submitter = facts.submitter || session?.name || '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const keyValues = fields.flatMap(({ key, initial }) => {
      const value = (said[key] ?? initial).trim();
      return value === '' ? [] : [{ key, value }];
    });
    const about = {
      project: facts.project.trim(),
      instrument: facts.instrument.trim(),
      submitter,
      keyValues,
    };
    kept.set(JSON.stringify(facts));
    uploadList.start(name.trim(), describingEntries(about), files);
    onOver();
  };
  const fact = (field: keyof typeof facts, label: string, value = facts[field]) => (
    <TextField
      label={label}
      value={value}
      required
      autoComplete="off"
      spellCheck={false}
      maxLength={100}
      onChange={({ target }) => setFacts({ ...facts, [field]: target.value })}
    />
  );
  return (
    <form className={css.form} onSubmit={submit}>
      <p className={css.faint}>
        {t('ingest.fileCount', { count: files.length, size: formatBytes(size, t) })}
      </p>
      <div className={css.fields}>
        <TextField
          label={t('field.optional', { field: t('ingest.name') })}
          value={name}
          maxLength={200}
          onChange={({ target }) => setName(target.value)}
        />
        {fact('project', t('field.project'))}
        {fact('instrument', t('ingest.instrument'))}
        {fact('submitter', t('ingest.submitter'), submitter)}
        {fields.map((field) => (
          <SchemaInput
            key={field.key}
            field={field}
            value={said[field.key] ?? field.initial}
            onChange={(value) => setSaid({ ...said, [field.key]: value })}
          />
        ))}
      </div>
      <div className={css.verbs}>
        <Button type="submit" look="main">
          {t('ingest.send')}
        </Button>
        <Button look="plain" onClick={onOver}>
          {t('ingest.discard')}
        </Button>
      </div>
    </form>
  );
}
