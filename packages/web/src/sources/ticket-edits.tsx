import type { JobSource, TicketEditView } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { Ago } from '../ui/time.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import { jobSourceQuery } from './source-queries.ts';
import css from './sources.module.css';

const CONTEXT = 'context.';
const STATUS = 'job_management.job_status';

/** What was changed from here: on its way to the file, in it, or in conflict with what stood there instead. */
export function TicketEdits({ jobId, source }: { jobId: number; source: JobSource }) {
  const t = useT();
  const mayEdit = useMay('jobs.retry') && source.editable;
  return (
    <section className={css.problems}>
      <h3>{t('ticket.edits')}</h3>
      {source.edits.length === 0 && <p className={css.quiet}>{t('ticket.edits.none')}</p>}
      <ol className={css.edits}>
        {source.edits.map((edit) => (
          <Edit key={edit.id} jobId={jobId} edit={edit} mayEdit={mayEdit} />
        ))}
      </ol>
      {mayEdit && <SetProperty jobId={jobId} hash={source.hash} />}
    </section>
  );
}

function Edit({ jobId, edit, mayEdit }: { jobId: number; edit: TicketEditView; mayEdit: boolean }) {
  const t = useT();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: jobSourceQuery(jobId).queryKey });
  const dismiss = useMutation({
    mutationFn: () => call(`/jobs/${jobId}/ticket/edits/${edit.id}`, { method: 'DELETE' }),
    onSettled: refresh,
  });
  // What stands in the file by now was seen, and is to be changed all the same.
  const again = useMutation({
    mutationFn: async () => {
      await call(`/jobs/${jobId}/ticket`, { method: 'PATCH', body: patchOf(edit) });
      await call(`/jobs/${jobId}/ticket/edits/${edit.id}`, { method: 'DELETE' });
    },
    onSettled: refresh,
  });
  const error = dismiss.error ?? again.error;
  const isOpen = edit.state === 'pending' || edit.state === 'conflict';
  return (
    <li data-state={edit.state}>
      <p>
        <b>{edit.actor}</b> <Ago at={edit.createdAt} /> · {t(`ticket.edit.${edit.state}`)}
      </p>
      <Values label={t('ticket.edit.wanted')} values={edit.change} />
      {edit.state === 'conflict' && edit.found && (
        <Values label={t('ticket.edit.found')} values={edit.found} />
      )}
      {error && <ErrorNote error={error} />}
      {mayEdit && isOpen && (
        <p className={css.verbs}>
          {edit.state === 'conflict' && (
            <Button disabled={again.isPending} onClick={() => again.mutate()}>
              {t('ticket.edit.again')}
            </Button>
          )}
          <Button disabled={dismiss.isPending} onClick={() => dismiss.mutate()}>
            {t(edit.state === 'pending' ? 'ticket.edit.withdraw' : 'ticket.edit.dismiss')}
          </Button>
        </p>
      )}
    </li>
  );
}

function Values({ label, values }: { label: string; values: Readonly<Record<string, unknown>> }) {
  return (
    <dl className={css.values}>
      <dt>{label}</dt>
      {Object.entries(values).map(([field, value]) => (
        <dd key={field}>
          <code>
            {field.replace('job_management.', '')} = {JSON.stringify(value)}
          </code>
        </dd>
      ))}
    </dl>
  );
}

/** The edit again, as the API takes it. */
function patchOf({ change }: TicketEditView): object {
  const context = Object.entries(change).filter(([field]) => field.startsWith(CONTEXT));
  return {
    ...(change[STATUS] !== undefined && { status: change[STATUS] }),
    ...(context.length > 0 && {
      context: Object.fromEntries(context.map(([field, value]) => [field.slice(CONTEXT.length), value])),
    }),
  };
}

function SetProperty({ jobId, hash }: { jobId: number; hash: string | null }) {
  const t = useT();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const save = useMutation({
    mutationFn: () => {
      const body = { context: { [name.trim()]: jsonOr(value) }, ...(hash !== null && { hash }) };
      return call(`/jobs/${jobId}/ticket`, { method: 'PATCH', body });
    },
    onSuccess: async () => {
      setName('');
      setValue('');
      announce(t('ticket.saved'));
      await client.invalidateQueries({ queryKey: jobSourceQuery(jobId).queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={css.property} onSubmit={submit} aria-label={t('ticket.context.set')}>
      <TextField
        label={t('ticket.context.name')}
        value={name}
        onChange={(event) => setName(event.target.value)}
        required
      />
      <TextField
        label={t('ticket.context.value')}
        hint={t('ticket.context.value.hint')}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        required
      />
      <Button type="submit" disabled={save.isPending}>
        {t('action.save')}
      </Button>
      {save.error && <ErrorNote error={save.error} />}
    </form>
  );
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
