import { formatDay, type Role, roles } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { keysQuery } from '../api/queries.ts';
import type { ApiKey } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { Ago } from '../ui/time.tsx';
import { useNow } from '../ui/use-now.ts';
import { daybook, settingsOf } from '../words/commands.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './admin.module.css';
import { needsProjects, seesAll, splitProjects } from './projects.ts';

export function KeysPage() {
  const t = useT();
  const { data, error, refetch } = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const isAdmin = useMay('keys.manage');
  return (
    <Page
      wide
      title={t('keys.title')}
      actions={
        <Button look="main" onClick={() => setMaking(true)}>
          {t('keys.create')}
        </Button>
      }
    >
      <p className={css.explain}>{isAdmin ? t('keys.explain') : t('keys.explain.own')}</p>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Empty title={t('keys.empty.title')}>
          {isAdmin && <p>{t('keys.empty.explain')}</p>}
          {isAdmin && <CodeBlock code={`${daybook} key create --name laptop --role provider`} />}
        </Empty>
      )}
      {data && data.items.length > 0 && <KeyTable keys={data.items} />}
      {making && <MakeKey onClose={() => setMaking(false)} />}
    </Page>
  );
}

function KeyTable({ keys }: { keys: readonly ApiKey[] }) {
  const t = useT();
  const now = useNow();
  const isExpired = ({ expiresAt }: ApiKey) => expiresAt !== null && Date.parse(expiresAt) <= now;
  const columns: Column<ApiKey>[] = [
    { key: 'name', head: t('keys.name'), look: 'lead', cell: (each) => <Name apiKey={each} /> },
    {
      key: 'role',
      head: t('keys.role'),
      cell: ({ role }) => <span title={t(`role.${role}.hint`)}>{t(`role.${role}`)}</span>,
    },
    { key: 'begins', head: t('keys.begins'), cell: ({ prefix }) => <code>{prefix}…</code> },
    {
      key: 'project',
      head: t('field.project'),
      cell: (each) => (seesAll(each) ? t('users.allProjects') : each.projects.join(', ')),
    },
    {
      key: 'used',
      head: t('keys.lastUsed'),
      cell: ({ lastUsedAt }) => (lastUsedAt ? <Ago at={lastUsedAt} /> : t('keys.neverUsed')),
    },
    {
      key: 'expires',
      head: t('keys.expires'),
      cell: ({ expiresAt }) =>
        expiresAt ? formatDay(Date.parse(expiresAt), t, timeZone) : t('keys.expires.never'),
    },
    {
      key: 'revoke',
      head: t('keys.revoke'),
      look: 'verbs',
      cell: (each) =>
        each.revokedAt ? (
          t('keys.isRevoked')
        ) : isExpired(each) ? (
          t('keys.isExpired')
        ) : (
          <Revoke apiKey={each} />
        ),
    },
  ];
  return (
    <DataTable
      label={t('keys.title')}
      columns={columns}
      rows={keys}
      keyOf={({ id }) => id}
      isOver={(each) => each.revokedAt !== null || isExpired(each)}
    />
  );
}

function Name({ apiKey: { name, note } }: { apiKey: ApiKey }) {
  return (
    <>
      {name}
      {note && <span className={css.note}>{note}</span>}
    </>
  );
}

function Revoke({ apiKey }: { apiKey: ApiKey }) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button look="plain" onClick={() => setAsked(true)} aria-label={`${t('keys.revoke')}: ${apiKey.name}`}>
        {t('keys.revoke')}
      </Button>
      {asked && <RevokeKey apiKey={apiKey} onClose={() => setAsked(false)} />}
    </>
  );
}

function RevokeKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call(`/keys/${apiKey.id}`, { method: 'DELETE' }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keysQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog title={t('keys.revoke.title', { name: apiKey.name })} onClose={onClose}>
      <p>{t('keys.revoke.explain')}</p>
      {revoke.error && <ErrorNote error={revoke.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look="risky" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
          {t('keys.revoke')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Customers are people: the jobs that name them are listed by user. */
const keyRoles = roles.filter((role) => role !== 'customer');
const lifetimes = ['never', '30', '90', '365'] as const;
const day = 86_400_000;

function MakeKey({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  // A provider's keys are theirs alone: there is nothing to choose.
  const isAdmin = useMay('keys.manage');
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const [role, setRole] = useState<Role>('provider');
  const [projects, setProjects] = useState('*');
  const [lifetime, setLifetime] = useState<(typeof lifetimes)[number]>('never');
  const make = useMutation({
    mutationFn: () =>
      call<ApiKey & { key: string }>('/keys', {
        method: 'POST',
        body: {
          name: name.trim(),
          role,
          ...(note.trim() !== '' && { note: note.trim() }),
          ...(needsProjects(role) && { projects: splitProjects(projects) }),
          ...(lifetime !== 'never' && {
            expiresAt: new Date(Date.now() + Number(lifetime) * day).toISOString(),
          }),
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data) return <NewKey apiKey={make.data.key} onClose={onClose} />;
  return (
    <Dialog title={t('keys.create')} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        <TextField
          label={t('keys.name')}
          hint={t('keys.name.hint')}
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
        />
        <TextField
          label={t('keys.note')}
          hint={t('keys.note.hint')}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {isAdmin && (
          <SelectField
            label={t('keys.role')}
            hint={t(`role.${role}.hint`)}
            value={role}
            onChange={(event) => setRole(event.target.value as Role)}
          >
            {keyRoles.map((each) => (
              <option key={each} value={each}>
                {t(`role.${each}`)}
              </option>
            ))}
          </SelectField>
        )}
        {needsProjects(role) && (
          <TextField
            label={t('users.projects')}
            hint={t('users.projects.hint')}
            value={projects}
            onChange={(event) => setProjects(event.target.value)}
            required
          />
        )}
        <SelectField
          label={t('keys.expires')}
          value={lifetime}
          onChange={(event) => setLifetime(event.target.value as (typeof lifetimes)[number])}
        >
          {lifetimes.map((each) => (
            <option key={each} value={each}>
              {each === 'never' ? t('keys.expires.never') : t('keys.expires.days', { count: Number(each) })}
            </option>
          ))}
        </SelectField>
        {make.error && <ErrorNote error={make.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" look="main" disabled={make.isPending}>
            {t('keys.create')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** The key, shown this once: the server keeps only its hash. */
function NewKey({ apiKey, onClose }: { apiKey: string; onClose: () => void }) {
  const t = useT();
  return (
    <ShownOnce
      title={t('keys.created.title')}
      explain={t('keys.created.explain')}
      secret={apiKey}
      onClose={onClose}
    >
      <CodeBlock label={t('job.terminal.settings')} code={settingsOf(apiKey)} />
    </ShownOnce>
  );
}
