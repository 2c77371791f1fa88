import type { StoredConfiguration } from '../api/wire.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { useT } from '../words/language.tsx';
import { SideBySide } from './version-comparison.tsx';

interface SaveVersionProps {
  readonly latest: StoredConfiguration;
  readonly next: Pick<StoredConfiguration, 'name' | 'version' | 'steps'>;
  readonly pending: boolean;
  readonly onSave: () => void;
  readonly onClose: () => void;
}

/** What would change, before it does. */
export function SaveVersion({ latest, next, pending, onSave, onClose }: SaveVersionProps) {
  const t = useT();
  const { version } = next;
  return (
    <Dialog title={t('configurations.compare.title', { version })} onClose={onClose}>
      <p>{t('configurations.compare.explain')}</p>
      {next.name !== latest.name && (
        <p>{t('configurations.renamed', { before: latest.name, after: next.name })}</p>
      )}
      <SideBySide before={latest} after={next} />
      <DialogActions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look="main" disabled={pending} onClick={onSave}>
          {t('configurations.measure.confirm', { version })}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
