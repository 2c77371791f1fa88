import { lazy, Suspense } from 'react';
import css from './note.module.css';

/** The reader of Markdown is as large as the list: it comes with the first note that is shown. */
const MarkdownText = lazy(() =>
  import('./markdown.tsx').then((module) => ({ default: module.MarkdownText })),
);

/** What somebody wrote, as Markdown; its plain text until the reader of Markdown has arrived. */
export function Note({ text }: { text: string }) {
  return (
    <Suspense fallback={<div className={css.plain}>{text}</div>}>
      <MarkdownText text={text} />
    </Suspense>
  );
}
