import { type InvitationMade, type InvitedRole, invitationDays, invitedRoles } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { invitationsQuery } from '../api/people-queries.ts';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { ShownOnce } from '../ui/shown-once.tsx';
import { useT } from '../words/language.tsx';
import css from './customers-page.module.css';

/** Invites a customer; an admin also a provider, and has to say whose customer. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const isAdmin = useMay('users.manage');
  const [role, setRole] = useState<InvitedRole>('customer');
  const [customer, setCustomer] = useState('');
  const [provider, setProvider] = useState('');
  const [note, setNote] = useState('');
  const invite = useMutation({
    mutationFn: () =>
      call<InvitationMade>('/invitations', {
        method: 'POST',
        body: {
          role,
          ...(role === 'customer' && said({ customer })),
          ...(isAdmin && said({ provider })),
          ...said({ note }),
        },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  if (invite.data)
    return (
      <ShownOnce
        title={t('invitations.made.title')}
        explain={t('invitations.made.explain', { days: invitationDays.usual })}
        secret={invite.data.link}
        onClose={onClose}
      />
    );
  return (
    <Dialog title={t('customers.invite')} onClose={onClose}>
      <form className={css.form} onSubmit={submit}>
        {isAdmin && (
          <>
            <SelectField
              label={t('invitations.role')}
              hint={t(`role.${role}.hint`)}
              value={role}
              onChange={(event) => setRole(event.target.value as InvitedRole)}
            >
              {invitedRoles.map((each) => (
                <option key={each} value={each}>
                  {t(`role.${each}`)}
                </option>
              ))}
            </SelectField>
            <TextField
              label={t('invitations.provider')}
              hint={role === 'provider' ? t('invitations.provider.own') : t('invitations.provider.hint')}
              value={provider}
              onChange={(event) => setProvider(event.target.value)}
              required={role === 'customer'}
            />
          </>
        )}
        {role === 'customer' && (
          <TextField
            label={t('invitations.customer')}
            hint={t('invitations.customer.hint')}
            value={customer}
            onChange={(event) => setCustomer(event.target.value)}
            autoComplete="off"
          />
        )}
        <TextField
          label={t('invitations.note')}
          hint={t('invitations.note.hint')}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {invite.error && <ErrorNote error={invite.error} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" look="main" disabled={invite.isPending}>
            {t('customers.invite')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Fields that were filled in. */
function said(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .map(([name, value]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ''),
  );
}
