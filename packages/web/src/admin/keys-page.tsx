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
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { Ago } from '../ui/time.tsx';
import { useNow } from '../ui/use-now.ts';
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
          {isAdmin && <CodeBlock code="npx daybook key create --name laptop --role provider" />}
        </Empty>
      )}
      {data && data.items.length > 0 && <KeyTable keys={data.items} />}
      {making && <MakeKey onClose={() => setMaking(false)} />}
    </Page>
  );
}

function KeyTable({ keys }: { keys: readonly ApiKey[] }) {
  const t = useT();
  return (
    <ScrollBox label={t('keys.title')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('keys.name')}</th>
            <th scope="col">{t('keys.role')}</th>
            <th scope="col">{t('keys.begins')}</th>
            <th scope="col">{t('field.project')}</th>
            <th scope="col">{t('keys.lastUsed')}</th>
            <th scope="col">{t('keys.expires')}</th>
            <th scope="col">
              <span className="visually-hidden">{t('keys.revoke')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} />
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const t = useT();
  const now = useNow();
  const [asked, setAsked] = useState(false);
  const expired = apiKey.expiresAt !== null && Date.parse(apiKey.expiresAt) <= now;
  const over = apiKey.revokedAt !== null || expired;
  return (
    <tr data-over={over} className={css.row}>
      <td>
        <span className={css.name}>{apiKey.name}</span>
        {apiKey.note && <span className={css.note}>{apiKey.note}</span>}
      </td>
      <td title={t(`role.${apiKey.role}.hint`)}>{t(`role.${apiKey.role}`)}</td>
      <td>
        <code>{apiKey.prefix}…</code>
      </td>
      <td>{seesAll(apiKey) ? t('users.allProjects') : apiKey.projects.join(', ')}</td>
      <td>{apiKey.lastUsedAt ? <Ago at={apiKey.lastUsedAt} /> : t('keys.neverUsed')}</td>
      <td>
        {apiKey.expiresAt ? formatDay(Date.parse(apiKey.expiresAt), t, timeZone) : t('keys.expires.never')}
      </td>
      <td className={css.verbs}>
        {apiKey.revokedAt ? (
          t('keys.isRevoked')
        ) : expired ? (
          t('keys.isExpired')
        ) : (
          <Button
            look="plain"
            onClick={() => setAsked(true)}
            aria-label={`${t('keys.revoke')}: ${apiKey.name}`}
          >
            {t('keys.revoke')}
          </Button>
        )}
        {asked && <RevokeKey apiKey={apiKey} onClose={() => setAsked(false)} />}
      </td>
    </tr>
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
      <CodeBlock
        label={t('job.terminal.settings')}
        code={`export DAYBOOK_URL=${location.origin} DAYBOOK_API_KEY=${apiKey}`}
      />
    </ShownOnce>
  );
}
