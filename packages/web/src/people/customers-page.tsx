import { type Customer, formatDay, type Invitation, type Translate } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { customersQuery, invitationsQuery } from '../api/people-queries.ts';
import { Page } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Ago } from '../ui/time.tsx';
import { timeZone, useT } from '../words/language.tsx';
import css from './customers-page.module.css';
import { InviteDialog } from './invite-dialog.tsx';

/** Who follows the jobs that name them, and who was invited to. */
export function CustomersPage() {
  const t = useT();
  const customers = useQuery(customersQuery);
  const invitations = useQuery(invitationsQuery);
  const [inviting, setInviting] = useState(false);
  const [removed, setRemoved] = useState<Customer>();
  return (
    <Page
      wide
      title={t('customers.title')}
      actions={
        <Button look="main" onClick={() => setInviting(true)}>
          {t('customers.invite')}
        </Button>
      }
    >
      <p className={css.explain}>{t('customers.explain')}</p>
      {customers.error && <ErrorNote error={customers.error} onRetry={() => void customers.refetch()} />}
      {customers.data?.items.length === 0 && (
        <Empty title={t('customers.none.title')}>
          <p>{t('customers.none.explain')}</p>
        </Empty>
      )}
      {customers.data && customers.data.items.length > 0 && (
        <CustomerTable customers={customers.data.items} onRemove={setRemoved} />
      )}
      <h2>{t('invitations.title')}</h2>
      {invitations.error && (
        <ErrorNote error={invitations.error} onRetry={() => void invitations.refetch()} />
      )}
      {invitations.data?.items.length === 0 && <p className={css.none}>{t('invitations.none')}</p>}
      {invitations.data && invitations.data.items.length > 0 && (
        <InvitationTable invitations={invitations.data.items} />
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {removed && <RemoveCustomer customer={removed} onClose={() => setRemoved(undefined)} />}
    </Page>
  );
}

function CustomerTable({
  customers,
  onRemove,
}: {
  customers: readonly Customer[];
  onRemove: (customer: Customer) => void;
}) {
  const t = useT();
  const ofSeveral = useMay('users.manage');
  const columns: Column<Customer>[] = [
    {
      key: 'user',
      head: t('customers.user'),
      look: 'lead',
      cell: ({ user, displayName }) => (displayName === user ? user : `${displayName} (${user})`),
    },
    { key: 'customer', head: t('customers.customer'), cell: ({ customer }) => customer },
    ...(ofSeveral
      ? [{ key: 'provider', head: t('customers.provider'), cell: ({ provider }: Customer) => provider }]
      : []),
    { key: 'jobs', head: t('customers.jobs'), look: 'end', cell: ({ jobs }) => jobs },
    {
      key: 'since',
      head: t('customers.since'),
      cell: ({ since }) => since && <Ago at={since} />,
    },
    {
      key: 'verbs',
      head: t('customers.remove'),
      look: 'verbs',
      cell: (customer) => (
        <Button
          look="plain"
          onClick={() => onRemove(customer)}
          aria-label={`${t('customers.remove')}: ${customer.user}, ${customer.customer}`}
        >
          {t('customers.remove')}
        </Button>
      ),
    },
  ];
  return (
    <DataTable
      label={t('customers.list')}
      columns={columns}
      rows={customers}
      keyOf={({ userId, provider, customer }) => `${userId} ${provider} ${customer}`}
    />
  );
}

function RemoveCustomer({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const { userId, provider } = customer;
  const remove = useMutation({
    mutationFn: () => {
      const which = new URLSearchParams({ userId: String(userId), provider, customer: customer.customer });
      return call(`/customers?${which}`, { method: 'DELETE' });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: customersQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog
      title={t('customers.remove.title', { user: customer.user, customer: customer.customer })}
      onClose={onClose}
    >
      <p>{t('customers.remove.explain')}</p>
      {remove.error && <ErrorNote error={remove.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look="risky" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {t('customers.remove')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function InvitationTable({ invitations }: { invitations: readonly Invitation[] }) {
  const t = useT();
  const ofSeveral = useMay('users.manage');
  const columns: Column<Invitation>[] = [
    {
      key: 'for',
      head: t('invitations.for'),
      look: 'lead',
      cell: ({ role, customer, note }) => {
        const whom = role === 'provider' ? t('role.provider') : (customer ?? t('invitations.anyNumber'));
        return note ? `${note} · ${whom}` : whom;
      },
    },
    ...(ofSeveral
      ? [{ key: 'provider', head: t('customers.provider'), cell: ({ provider }: Invitation) => provider }]
      : []),
    { key: 'state', head: t('invitations.state'), look: 'wide', cell: (each) => stateWord(each, t) },
    {
      key: 'verbs',
      head: t('invitations.revoke'),
      look: 'verbs',
      cell: (each) => <Revoke invitation={each} />,
    },
  ];
  return (
    <DataTable
      label={t('invitations.title')}
      columns={columns}
      rows={invitations}
      keyOf={({ id }) => id}
      isOver={({ state }) => state !== 'open'}
    />
  );
}

function stateWord({ state, expiresAt, acceptedBy }: Invitation, t: Translate): string {
  switch (state) {
    case 'open':
      return t('invitations.state.open', { day: formatDay(Date.parse(expiresAt), t, timeZone) });
    case 'accepted':
      return t('invitations.state.accepted', { user: acceptedBy ?? '' });
    case 'expired':
    case 'revoked':
      return t(`invitations.state.${state}`);
  }
}

function Revoke({ invitation }: { invitation: Invitation }) {
  const t = useT();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call(`/invitations/${invitation.id}`, { method: 'DELETE' }),
    onSettled: () => client.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  });
  if (invitation.state !== 'open') return null;
  return (
    <Button
      look="plain"
      disabled={revoke.isPending}
      onClick={() => revoke.mutate()}
      aria-label={`${t('invitations.revoke')}: ${invitation.note ?? invitation.customer ?? invitation.id}`}
    >
      {t('invitations.revoke')}
    </Button>
  );
}
