import { type ClipboardEvent, type DragEvent, useId, useRef, useState } from 'react';
import { useErrorText } from '../ui/error-note.tsx';
import { useT } from '../words/language.tsx';
import css from './note.module.css';
import { Note } from './note.tsx';
import { imagesIn, storeImage, whyUnfit } from './store-image.ts';

interface NoteFieldProps {
  readonly jobId: number;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A note to write and to look at. Images that are pasted or dropped are stored with the job and named in the text. */
export function NoteField({ jobId, label, value, onChange }: NoteFieldProps) {
  const t = useT();
  const id = useId();
  const [previews, setPreviews] = useState(false);
  const { state, take } = useImages(jobId, value, onChange);
  const modes = [
    { name: t('note.write'), shown: false },
    { name: t('note.preview'), shown: true },
  ];
  return (
    <div className={css.field}>
      <div className={css.head}>
        <label id={`${id}-label`} htmlFor={id} className={css.label}>
          {label}
        </label>
        <span className={css.modes}>
          {modes.map(({ name, shown }) => (
            <button
              key={name}
              type="button"
              aria-pressed={previews === shown}
              aria-describedby={`${id}-label`}
              onClick={() => setPreviews(shown)}
            >
              {name}
            </button>
          ))}
        </span>
      </div>
      {previews ? (
        <div className={css.preview} id={id}>
          {value.trim() === '' ? <p className={css.hint}>{t('note.empty')}</p> : <Note text={value} />}
        </div>
      ) : (
        <textarea
          id={id}
          className={css.area}
          rows={3}
          aria-describedby={`${id}-hint`}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onPaste={(event: ClipboardEvent<HTMLTextAreaElement>) => take(event, event.clipboardData)}
          onDrop={(event: DragEvent<HTMLTextAreaElement>) => take(event, event.dataTransfer)}
        />
      )}
      <p id={`${id}-hint`} className={css.hint} role="status">
        {state ?? t('note.hint')}
      </p>
    </div>
  );
}

function useImages(jobId: number, value: string, onChange: (value: string) => void) {
  const t = useT();
  const errorText = useErrorText();
  const [state, setState] = useState<string>();
  // What is typed while an image is on its way must not be lost.
  const latest = useRef({ value, onChange });
  latest.current = { value, onChange };
  const failed = (reason: string) => setState(t('note.image.failed', { reason }));
  const store = async (file: File, at: number) => {
    const unfit = whyUnfit(file, t);
    if (unfit !== undefined) return failed(unfit);
    setState(t('note.image.uploading'));
    try {
      const markdown = await storeImage(jobId, file);
      latest.current.onChange(insert(latest.current.value, at, markdown));
      setState(undefined);
    } catch (error) {
      failed(errorText(error));
    }
  };
  const take = (
    event: { preventDefault(): void; currentTarget: HTMLTextAreaElement },
    transfer: DataTransfer | null,
  ) => {
    const images = imagesIn(transfer);
    if (images.length === 0) return;
    event.preventDefault();
    const at = event.currentTarget.selectionStart;
    void images.reduce((before, file) => before.then(() => store(file, at)), Promise.resolve());
  };
  return { state, take };
}

/** Into lines of their own. */
function insert(text: string, at: number, markdown: string): string {
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  return `${before}${gap}${markdown}\n${after.replace(/^\n/, '')}`;
}
