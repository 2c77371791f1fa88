import { isImagePath } from '@daybook/core';
import Markdown, { type Components, defaultUrlTransform } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { useT } from '../words/language.tsx';
import css from './note.module.css';

/** Headings of a note stand below those of the page. */
const parts: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  // An address that is not followed (`javascript:`) leaves its words; they should not look as if they led somewhere.
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ) : (
      children
    ),
  table: ({ children }) => <NoteTable>{children}</NoteTable>,
  // A box that nobody can tick needs no control.
  input: ({ checked }) => <span aria-hidden="true">{checked ? '☑' : '☐'} </span>,
  img: ({ src, alt }) => <NoteImage src={typeof src === 'string' ? src : ''} alt={alt ?? ''} />,
};

/**
 * Notes have no HTML: what stands in angle brackets is what somebody typed. As HTML it would be taken out by the
 * sanitizer, and `stress <max> exceeded` would lose a word.
 */
function withoutHtml(this: { data(): { micromarkExtensions?: unknown[] } }) {
  const data = this.data();
  data.micromarkExtensions = [
    ...(data.micromarkExtensions ?? []),
    { disable: { null: ['htmlFlow', 'htmlText'] } },
  ];
}

/**
 * A note as a person reads it. Its text comes from anybody: HTML in it stays text, addresses are those of the web, and
 * images those that Daybook keeps (others would tell strangers who reads what).
 */
export function MarkdownText({ text }: { text: string }) {
  return (
    <div className={css.note}>
      <Markdown
        remarkPlugins={[remarkGfm, withoutHtml as () => void]}
        rehypePlugins={[rehypeSanitize]}
        urlTransform={defaultUrlTransform}
        components={parts}
      >
        {text}
      </Markdown>
    </div>
  );
}

function NoteTable({ children }: { children: React.ReactNode }) {
  return (
    <ScrollBox label={useT()('note.preview')}>
      <table>{children}</table>
    </ScrollBox>
  );
}

function NoteImage({ src, alt }: { src: string; alt: string }) {
  const t = useT();
  if (!isImagePath(src))
    return <span className={css.away}>{t('note.image.away', { name: alt || src })}</span>;
  return (
    <a href={src} target="_blank" rel="noopener noreferrer">
      <img
        src={src}
        alt={alt || t('note.image.away', { name: src.split('/').at(-1) ?? '' })}
        loading="lazy"
      />
    </a>
  );
}
