import { type ConfigurationHistory, measuredPoints, nextVersion } from '@daybook/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { StoredConfiguration } from '../api/wire.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { announce } from '../ui/toast.tsx';
import { useT } from '../words/language.tsx';
import { SideBySide } from './version-comparison.tsx';

interface MeasurePointsProps {
  readonly versions: readonly StoredConfiguration[];
  readonly history: ConfigurationHistory;
}

/** One click makes a version whose points are as its steps really took; a second one, with the difference in view, means it. */
export function MeasurePoints({ versions, history }: MeasurePointsProps) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  const [latest] = versions;
  const steps =
    latest && measuredPoints(latest.steps, new Map(history.steps.map((step) => [step.tag, step])));
  if (latest === undefined || steps === undefined) return null;
  const same = steps.every(({ points }, index) => points === latest.steps[index]?.points);
  const next = { version: nextVersion(versions.map(({ version }) => version)), steps };
  return (
    <>
      <Button
        disabled={same}
        title={same ? t('configurations.measure.same') : undefined}
        onClick={() => setAsked(true)}
      >
        {t('configurations.measure')}
      </Button>
      {asked && <Confirm latest={latest} next={next} onClose={() => setAsked(false)} />}
    </>
  );
}

function Confirm({
  latest,
  next,
  onClose,
}: {
  latest: StoredConfiguration;
  next: Pick<StoredConfiguration, 'version' | 'steps'>;
  onClose: () => void;
}) {
  const t = useT();
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => {
      const whose = latest.provider ? `?${new URLSearchParams({ provider: latest.provider })}` : '';
      const path = `/configurations/${encodeURIComponent(latest.tag)}/measured-points${whose}`;
      return call<StoredConfiguration>(path, { method: 'POST', body: { from: latest.version } });
    },
    onSuccess: async ({ version }) => {
      await client.invalidateQueries({ queryKey: ['configurations'] });
      announce(t('configurations.measure.done', { version }));
      onClose();
    },
  });
  const version = next.version;
  return (
    <Dialog title={t('configurations.measure.title')} onClose={onClose}>
      <p>{t('configurations.measure.explain', { version })}</p>
      <SideBySide before={latest} after={next} />
      {make.error && <ErrorNote error={make.error} />}
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look="main" disabled={make.isPending} onClick={() => make.mutate()}>
          {t('configurations.measure.confirm', { version })}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
