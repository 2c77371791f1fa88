import { formatDay, type Job, type Share, type ShareMade, shareDays } from '@daybook/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../api/client.ts';
import { sharesQuery } from '../api/people-queries.ts';
import { actorName } from '../ui/actor-name.ts';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { useNow } from '../ui/use-now.ts';
import { timeZone, useT } from '../words/language.tsx';
import css from './share-dialog.module.css';

const day = 86_400_000;
const lifetimes = [1, 7, shareDays.usual, 90, 365] as const;

/** The links by which anybody follows a job: makes one, shows it once, and takes back those that nobody needs. */
export function ShareDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const t = useT();
  const { data, error, refetch } = useQuery(sharesQuery(job.id));
  const [made, setMade] = useState<ShareMade>();
  return (
    <Dialog title={t('share.title', { id: job.externalId ?? job.id })} onClose={onClose}>
      <p>{t('share.explain')}</p>
      {made ? <Made share={made} /> : <MakeShare job={job} onMade={setMade} />}
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && data.items.length > 0 && (
        <section>
          <h3 className={css.heading}>{t('share.existing')}</h3>
          <ul className={css.links}>
            {data.items.map((share) => (
              <ShareRow key={share.id} share={share} />
            ))}
          </ul>
        </section>
      )}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
      </DialogActions>
    </Dialog>
  );
}

function MakeShare({ job, onMade }: { job: Job; onMade: (share: ShareMade) => void }) {
  const t = useT();
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const [days, setDays] = useState<number>(shareDays.usual);
  const make = useMutation({
    mutationFn: () =>
      call<ShareMade>('/shares', {
        method: 'POST',
        body: {
          jobId: job.id,
          expiresAt: new Date(Date.now() + days * day).toISOString(),
          ...(note.trim() !== '' && { note: note.trim() }),
        },
      }),
    onSuccess: async (share) => {
      onMade(share);
      await client.invalidateQueries({ queryKey: sharesQuery(job.id).queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TextField
        label={t('share.note')}
        hint={t('share.note.hint')}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <SelectField
        label={t('share.lifetime')}
        value={days}
        onChange={(event) => setDays(Number(event.target.value))}
      >
        {lifetimes.map((each) => (
          <option key={each} value={each}>
            {t('share.days', { count: each })}
          </option>
        ))}
      </SelectField>
      {make.error && <ErrorNote error={make.error} />}
      <Button type="submit" look="main" disabled={make.isPending} className={css.make}>
        {t('share.make')}
      </Button>
    </form>
  );
}

/** The link and the badge, shown this once: the server keeps only their hashes. */
function Made({ share }: { share: ShareMade }) {
  const t = useT();
  const badge = t.language === 'en' ? share.badge : `${share.badge}?language=${t.language}`;
  return (
    <div className={css.form}>
      <p>{t('share.made')}</p>
      <CodeBlock label={t('share.link')} code={share.link} />
      <CodeBlock label={t('share.badge')} code={badge} />
      <CodeBlock label={t('share.badge.markdown')} code={`![${t('share.badge.alt')}](${badge})`} />
      <img
        className={css.badge}
        src={new URL(badge).pathname + new URL(badge).search}
        alt={t('share.badge.alt')}
      />
    </div>
  );
}

function ShareRow({ share }: { share: Share }) {
  const t = useT();
  const client = useQueryClient();
  const now = useNow();
  const revoke = useMutation({
    mutationFn: () => call(`/shares/${share.id}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: sharesQuery(share.jobId).queryKey }),
  });
  const note = share.note ?? t('share.noNote');
  const state = share.revokedAt
    ? t('share.revoked')
    : Date.parse(share.expiresAt) <= now
      ? t('share.expired')
      : undefined;
  return (
    <li className={css.link} data-over={state !== undefined}>
      <span className={css.note}>{note}</span>
      <span className={css.small}>
        {state ?? t('share.until', { day: formatDay(Date.parse(share.expiresAt), t, timeZone) })},{' '}
        {t('share.by', { actor: actorName(share.createdBy) })}
      </span>
      {state === undefined && (
        <Button
          look="plain"
          disabled={revoke.isPending}
          aria-label={`${t('share.revoke')}: ${note}`}
          onClick={() => revoke.mutate()}
        >
          {t('share.revoke')}
        </Button>
      )}
      {revoke.error && <ErrorNote error={revoke.error} />}
    </li>
  );
}
