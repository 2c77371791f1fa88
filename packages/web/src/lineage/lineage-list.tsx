import type { Lineage } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './lineage.module.css';

/** The same as the graph for those who read it, or have it read to them. */
export function LineageList({ lineage: { nodes, edges } }: { lineage: Lineage }) {
  const t = useT();
  const basesOf = Map.groupBy(edges, ({ job }) => job);
  const names = new Map(nodes.map(({ id, externalId }) => [id, externalId ?? `#${id}`]));
  return (
    <ul className={css.list}>
      {nodes.map((node) => (
        <li key={node.id}>
          <StatusMark status={node.status} progress={node.progress} />{' '}
          <Link to="/jobs/$id" params={{ id: String(node.id) }}>
            {names.get(node.id)} {node.name}
          </Link>
          {node.assessment && ` · ${t(`assessment.${node.assessment}`)}`}
          {(basesOf.get(node.id) ?? []).map(({ base, count }) => (
            <span key={base} className={css.hint}>
              {' '}
              ← {names.get(base)} ({t('lineage.differences', { count })})
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
