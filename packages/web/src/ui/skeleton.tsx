import css from './skeleton.module.css';

/** Rows of the height of those to come, so that nothing jumps when they do. A short wait shows nothing. */
export function Skeleton({ rows = 10 }: { rows?: number }) {
  return (
    <div className={css.rows} aria-busy="true">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <span key={index} />
      ))}
    </div>
  );
}
