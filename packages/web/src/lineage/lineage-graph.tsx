import { dash, type Lineage, type LineageNode, type Translate } from '@daybook/core';
import { useNavigate } from '@tanstack/react-router';
import {
  ControlButton,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { memo, useCallback, useMemo, useState } from 'react';
import { AssessmentWord } from '../list/verdict.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import { type Box, firstView } from './first-view.ts';
import { layOut } from './layout.ts';
import css from './lineage.module.css';

const box = { width: 190, height: 46 } as const;
const gap = { column: 150, row: 14 } as const;

interface GraphProps {
  readonly lineage: Lineage;
  /** The job whose page it is. */
  readonly current: number;
  /** The line that is chosen, `base-job`. */
  readonly chosen: string | undefined;
  readonly onChoose: (edge: string) => void;
}

type JobNode = Node<{ readonly job: LineageNode; readonly current: boolean }, 'job'>;

export function LineageGraph(props: GraphProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ lineage, current, chosen, onChoose }: GraphProps) {
  const t = useT();
  const navigate = useNavigate();
  const nodes = useMemo(() => nodesOf(lineage, current), [lineage, current]);
  const edges = useMemo(() => edgesOf(lineage, chosen, t), [lineage, chosen, t]);
  // The size of the canvas as it was when it was drawn: where to begin depends on it, and on nothing after that.
  const [room, setRoom] = useState<Room>();
  const measure = useCallback((element: HTMLElement | null) => {
    if (element) setRoom({ width: element.clientWidth, height: element.clientHeight });
  }, []);
  const open = (id: string) => void navigate({ to: '/jobs/$id', params: { id }, search: { tab: 'lineage' } });
  return (
    <section ref={measure} className={css.canvas} aria-label={t('lineage.label', { count: nodes.length })}>
      {room && (
        <ReactFlow
          key={current}
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          // Drawn is what is seen: a thousand jobs would be a thousand boxes.
          onlyRenderVisibleElements
          nodesDraggable={false}
          nodesConnectable={false}
          elementsSelectable={false}
          nodesFocusable
          edgesFocusable={false}
          minZoom={0.05}
          maxZoom={1.5}
          defaultViewport={firstView(lineage, current, boxesOf(nodes), room)}
          preventScrolling={false}
          zoomOnScroll={false}
          panOnScroll={false}
          proOptions={{ hideAttribution: true }}
          ariaLabelConfig={{ 'node.a11yDescription.default': t('inbox.open') }}
          onNodeClick={(_, node) => open(node.id)}
          onEdgeClick={(_, edge) => onChoose(edge.id)}
        >
          <Zoom />
        </ReactFlow>
      )}
    </section>
  );
}

interface Room {
  readonly width: number;
  readonly height: number;
}

function boxesOf(nodes: readonly JobNode[]): ReadonlyMap<number, Box> {
  return new Map(nodes.map(({ data: { job }, position }) => [job.id, { ...position, ...box }]));
}

function Zoom() {
  const t = useT();
  const flow = useReactFlow();
  return (
    <Controls showZoom={false} showFitView={false} showInteractive={false} className={css.zoom}>
      <ControlButton
        aria-label={t('lineage.zoomIn')}
        title={t('lineage.zoomIn')}
        onClick={() => void flow.zoomIn()}
      >
        +
      </ControlButton>
      <ControlButton
        aria-label={t('lineage.zoomOut')}
        title={t('lineage.zoomOut')}
        onClick={() => void flow.zoomOut()}
      >
        −
      </ControlButton>
      <ControlButton
        aria-label={t('lineage.fit')}
        title={t('lineage.fit')}
        onClick={() => void flow.fitView()}
      >
        ⤢
      </ControlButton>
    </Controls>
  );
}

const nodeTypes = { job: memo(JobBox) };

function JobBox({ data: { job, current } }: NodeProps<JobNode>) {
  return (
    <div
      className={css.job}
      data-current={current || undefined}
      data-obsolete={job.assessment === 'obsolete'}
    >
      <Handle type="target" position={Position.Left} className={css.handle} isConnectable={false} />
      <p className={css.line}>
        <StatusMark status={job.status} progress={job.progress} />
        <b>{job.externalId ?? `#${job.id}`}</b>
        {job.assessment && <AssessmentWord assessment={job.assessment} />}
      </p>
      <p className={css.name} title={job.name}>
        {job.name}
      </p>
      <Handle type="source" position={Position.Right} className={css.handle} isConnectable={false} />
    </div>
  );
}

/** Where lines begin and end. Told beforehand, or each of a thousand boxes would be drawn once to be measured. */
const handles = [
  { type: 'target' as const, position: Position.Left, x: 0, y: box.height / 2, width: 1, height: 1 },
  {
    type: 'source' as const,
    position: Position.Right,
    x: box.width - 1,
    y: box.height / 2,
    width: 1,
    height: 1,
  },
];

function nodesOf(lineage: Lineage, current: number): JobNode[] {
  const places = layOut(lineage);
  return lineage.nodes.map((job) => {
    const { column, row } = places.get(job.id) ?? { column: 0, row: 0 };
    return {
      id: String(job.id),
      type: 'job',
      position: { x: column * (box.width + gap.column), y: row * (box.height + gap.row) },
      ...box,
      // Known beforehand: what nobody has seen yet would not count when all is to be seen.
      measured: box,
      handles,
      data: { job, current: job.id === current },
    };
  });
}

function edgesOf({ edges }: Lineage, chosen: string | undefined, t: Translate): Edge[] {
  return edges.map(({ base, job, count, differences }) => {
    const id = `${base}-${job}`;
    return {
      id,
      source: String(base),
      target: String(job),
      label: labelOf(differences) ?? t('lineage.differences', { count }),
      className: id === chosen ? (css.chosen ?? '') : (css.link ?? ''),
      interactionWidth: 24,
      markerEnd: { type: MarkerType.ArrowClosed },
    };
  });
}

/** What was turned between two runs, where it is little enough to be read on a line: `vent 50 → 52.5`. */
function labelOf(differences: Lineage['edges'][number]['differences']): string | undefined {
  const turned = differences.filter(({ group }) => group === 'parameters');
  const [first] = turned;
  if (first === undefined) return undefined;
  const text = `${first.name} ${plain(first.from)} → ${plain(first.to)}`;
  const more = turned.length > 1 ? ` +${turned.length - 1}` : '';
  return text.length > 26 ? undefined : `${text}${more}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null).replace('null', dash);
}
