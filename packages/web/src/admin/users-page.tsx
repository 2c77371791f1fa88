import { type Role, roles } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { usersQuery } from '../api/queries.ts';
import type { User } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { useSession } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { useT } from '../words/language.tsx';
import css from './admin.module.css';
import { needsProjects, seesAll, splitProjects } from './projects.ts';

export function UsersPage() {
  const t = useT();
  const { data, error, refetch } = useQuery(usersQuery);
  const [edited, setEdited] = useState<User | 'new'>();
  return (
    <Page
      wide
      title={t('nav.users')}
      actions={
        <Button look="main" onClick={() => setEdited('new')}>
          {t('users.add')}
        </Button>
      }
    >
      <p className={css.explain}>{t('users.explain')}</p>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && <UserTable users={data.items} onEdit={setEdited} />}
      {edited && (
        <UserDialog user={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </Page>
  );
}

function UserTable({ users, onEdit }: { users: readonly User[]; onEdit: (user: User) => void }) {
  const t = useT();
  const columns: Column<User>[] = [
    { key: 'user', head: t('field.user'), look: 'lead', cell: ({ name }) => name },
    { key: 'name', head: t('field.name'), cell: ({ displayName }) => displayName },
    {
      key: 'role',
      head: t('keys.role'),
      cell: ({ role }) => <span title={t(`role.${role}.hint`)}>{t(`role.${role}`)}</span>,
    },
    {
      key: 'projects',
      head: t('users.projects'),
      look: 'wide',
      cell: (each) => (seesAll(each) ? t('users.allProjects') : each.projects.join(', ')),
    },
    {
      key: 'edit',
      head: t('action.edit'),
      look: 'verbs',
      cell: (each) => (
        <>
          {each.disabled && <span>{t('users.disabled')}</span>}
          <Button look="plain" onClick={() => onEdit(each)} aria-label={`${t('action.edit')}: ${each.name}`}>
            {t('action.edit')}
          </Button>
        </>
      ),
    },
  ];
  return (
    <DataTable
      label={t('nav.users')}
      columns={columns}
      rows={users}
      keyOf={({ id }) => id}
      isOver={({ disabled }) => disabled}
    />
  );
}

interface LinkAnswer {
  readonly signInLink?: string;
}

/** Adds a user, or changes one; either way the answer may be a one-time link to hand over. */
function UserDialog({ user, onClose }: { user: User | undefined; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const isMe = useSession().id === user?.id;
  const [name, setName] = useState(user?.name ?? '');
  const [displayName, setDisplayName] = useState(user?.displayName ?? '');
  const [role, setRole] = useState<Role>(user?.role ?? 'editor');
  const [projects, setProjects] = useState(user?.projects.join(' ') ?? '*');
  const renew = () => client.invalidateQueries({ queryKey: usersQuery.queryKey });
  const save = useMutation({
    mutationFn: (disabled: boolean | undefined) => {
      const body = {
        displayName: displayName.trim() || undefined,
        role,
        ...(needsProjects(role) && { projects: splitProjects(projects) }),
      };
      return user
        ? call<LinkAnswer>(`/users/${user.id}`, { method: 'PATCH', body: { ...body, disabled } })
        : call<LinkAnswer>('/users', { method: 'POST', body: { name: name.trim(), ...body } });
    },
    onSuccess: async (answer) => {
      await renew();
      if (!answer.signInLink) onClose();
    },
  });
  const makeLink = useMutation({
    mutationFn: () => call<LinkAnswer>(`/users/${user?.id}/sign-in-link`, { method: 'POST', body: {} }),
  });
  const link = makeLink.data?.signInLink ?? save.data?.signInLink;
  const error = save.error ?? makeLink.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  if (link) return <HandOver link={link} name={user?.name ?? name} onClose={onClose} />;
  return (
    <Dialog title={user ? user.name : t('users.add')} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        {!user && (
          <TextField
            label={t('signIn.user')}
            hint={t('users.name.hint')}
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoCapitalize="none"
            spellCheck={false}
            required
          />
        )}
        <TextField
          label={t('field.name')}
          value={displayName}
          onChange={(event) => setDisplayName(event.target.value)}
        />
        <SelectField
          label={t('keys.role')}
          hint={t(`role.${role}.hint`)}
          value={role}
          disabled={isMe}
          onChange={(event) => setRole(event.target.value as Role)}
        >
          {roles.map((each) => (
            <option key={each} value={each}>
              {t(`role.${each}`)}
            </option>
          ))}
        </SelectField>
        {needsProjects(role) && (
          <TextField
            label={t('users.projects')}
            hint={t('users.projects.hint')}
            value={projects}
            onChange={(event) => setProjects(event.target.value)}
          />
        )}
        {error && <ErrorNote error={error} />}
        <DialogActions>
          {user && !isMe && (
            <>
              <Button look="risky" className={css.first} onClick={() => save.mutate(!user.disabled)}>
                {user.disabled ? t('users.enable') : t('users.disable')}
              </Button>
              <Button onClick={() => makeLink.mutate()}>{t('users.link')}</Button>
            </>
          )}
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" look="main" disabled={save.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function HandOver({ link, name, onClose }: { link: string; name: string; onClose: () => void }) {
  const t = useT();
  return (
    <ShownOnce
      title={t('users.link.title', { name })}
      explain={t('users.link.explain')}
      secret={link}
      onClose={onClose}
    />
  );
}
