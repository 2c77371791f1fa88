import { type KeyboardEvent, useEffect, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import { type ConfigurationDraft, type DraftStep, withStep, withStepMoved } from './configuration-draft.ts';
import css from './configuration-form.module.css';
import type { FieldFaults } from './field-faults.ts';
import { shareText } from './step-weights.tsx';

interface StepFieldsProps {
  readonly draft: ConfigurationDraft;
  readonly faults: FieldFaults;
  /** `path` is the one field that changed; without it they changed places. */
  readonly onChange: (changes: Partial<ConfigurationDraft>, path?: string) => void;
}

/** The steps in their order: to write, to move (also with Alt and the arrows), to add and to take away. */
export function StepFields({ draft, faults, onChange }: StepFieldsProps) {
  const t = useT();
  const list = useRef<HTMLOListElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const { steps } = draft;
  const count = useRef(steps.length);
  useEffect(() => {
    if (steps.length > count.current)
      list.current?.querySelector<HTMLElement>('li:last-child input')?.focus();
    count.current = steps.length;
  }, [steps.length]);
  const whole = steps.reduce((sum, { points }) => sum + Number(points), 0);
  const write = (index: number, field: 'name' | 'tag' | 'points', value: string) =>
    onChange(
      { steps: steps.map((step, at) => (at === index ? { ...step, [field]: value } : step)) },
      `steps[${index}].${field}`,
    );
  const move = (index: number, by: -1 | 1) => onChange(withStepMoved(draft, index, by));
  const remove = (index: number) => {
    onChange({ steps: steps.filter((_, at) => at !== index) });
    addButton.current?.focus();
  };
  return (
    <div className={css.part}>
      <h2>{t('field.steps')}</h2>
      <ol ref={list} className={css.steps}>
        {steps.map((step, index) => (
          <StepRow
            key={step.key}
            step={step}
            index={index}
            isLast={index === steps.length - 1}
            share={shareText(Number(step.points), whole, t)}
            faults={faults}
            onWrite={write}
            onMove={move}
            onRemove={remove}
          />
        ))}
      </ol>
      <p>
        <Button ref={addButton} onClick={() => onChange(withStep(draft))}>
          {t('configurations.step.add')}
        </Button>
      </p>
    </div>
  );
}

interface StepRowProps {
  readonly step: DraftStep;
  readonly index: number;
  readonly isLast: boolean;
  readonly share: string;
  readonly faults: FieldFaults;
  readonly onWrite: (index: number, field: 'name' | 'tag' | 'points', value: string) => void;
  readonly onMove: (index: number, by: -1 | 1) => void;
  readonly onRemove: (index: number) => void;
}

function StepRow({ step, index, isLast, share, faults, onWrite, onMove, onRemove }: StepRowProps) {
  const t = useT();
  const called = step.name || step.tag || String(index + 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : undefined;
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    onMove(index, by);
  };
  const field = (name: 'name' | 'tag' | 'points') => ({
    value: step[name],
    fault: faults[`steps[${index}].${name}`],
    onChange: (event: { target: { value: string } }) => onWrite(index, name, event.target.value),
    required: true,
  });
  return (
    <li>
      <fieldset className={css.step} onKeyDown={onKeyDown}>
        <legend className="visually-hidden">{t('configurations.step.number', { number: index + 1 })}</legend>
        <TextField label={t('field.name')} {...field('name')} />
        <TextField label={t('configurations.tag')} {...field('tag')} />
        <TextField type="number" min={0} step="any" label={t('field.points')} {...field('points')} />
        <span className={css.share}>{share}</span>
        <span className={css.verbs}>
          <Button
            look="plain"
            disabled={index === 0}
            aria-label={t('configurations.step.up', { step: called })}
            title={t('configurations.step.up', { step: called })}
            onClick={() => onMove(index, -1)}
          >
            ↑
          </Button>
          <Button
            look="plain"
            disabled={isLast}
            aria-label={t('configurations.step.down', { step: called })}
            title={t('configurations.step.down', { step: called })}
            onClick={() => onMove(index, 1)}
          >
            ↓
          </Button>
          <Button
            look="plain"
            aria-label={`${t('action.remove')}: ${called}`}
            title={`${t('action.remove')}: ${called}`}
            onClick={() => onRemove(index)}
          >
            ✕
          </Button>
        </span>
      </fieldset>
    </li>
  );
}
