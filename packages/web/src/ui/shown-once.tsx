import type { ReactNode } from 'react';
import { useT } from '../words/language.tsx';
import { Button } from './button.tsx';
import { CodeBlock } from './copy.tsx';
import { Dialog, DialogActions } from './dialog.tsx';

interface ShownOnceProps {
  readonly title: string;
  readonly explain: string;
  readonly secret: string;
  readonly onClose: () => void;
  /** What else it is good for. */
  readonly children?: ReactNode;
}

/** A secret that is shown this once: the server keeps only its hash. */
export function ShownOnce({ title, explain, secret, onClose, children }: ShownOnceProps) {
  const t = useT();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{explain}</p>
      <CodeBlock code={secret} />
      {children}
      <DialogActions>
        <Button look="main" onClick={onClose}>
          {t('action.close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
