import type { LineageEdge, LineageNode } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { useCellText, useRowName } from '../compare/cell-text.ts';
import { useT } from '../words/language.tsx';
import css from './lineage.module.css';

/** What was changed from a base run to a job, and what came of it. */
export function EdgePanel({ edge, nodes }: { edge: LineageEdge; nodes: readonly LineageNode[] }) {
  const t = useT();
  const rowName = useRowName();
  const cellText = useCellText();
  const name = (id: number) => {
    const node = nodes.find((each) => each.id === id);
    return node?.externalId ?? `#${id}`;
  };
  return (
    <section className={css.edge} aria-live="polite">
      <h2>{t('lineage.edge', { base: name(edge.base), job: name(edge.job) })}</h2>
      <dl>
        {edge.differences.map(({ group, name: field, from, to }) => (
          <div key={`${group} ${field}`}>
            <dt>{rowName(group, field)}</dt>
            <dd>
              <del>{cellText(group, field, from)}</del> → <ins>{cellText(group, field, to)}</ins>
            </dd>
          </div>
        ))}
      </dl>
      {edge.count > edge.differences.length && (
        <p className={css.hint}>{t('digest.more', { count: edge.count - edge.differences.length })}</p>
      )}
      {edge.count === 0 && <p className={css.hint}>{t('lineage.differences', { count: 0 })}</p>}
      <Link to="/compare" search={{ ids: [edge.base, edge.job] }}>
        {t('lineage.compare')}
      </Link>
    </section>
  );
}
