import { isActive, type Job } from '@daybook/core';
import { CodeBlock } from '../ui/copy.tsx';
import { daybook, settingsOf } from '../words/commands.ts';
import { useT } from '../words/language.tsx';
import css from './metadata-tab.module.css';

/** The same job from a terminal: commands to copy. */
export function TerminalTab({ job }: { job: Job }) {
  const t = useT();
  // One part a line: long ones would end under the button that copies them.
  const curl = (...parts: string[]) => `curl ${[key, ...parts].join(' \\\n  ')}`;
  const api = `${location.origin}/api/v1/jobs/${job.id}`;
  const key = '-H "Authorization: Bearer $DAYBOOK_API_KEY"';
  const json = '-H "Content-Type: application/json"';
  return (
    <div className={css.groups}>
      <p>{t('job.terminal.explain')}</p>
      <CodeBlock label={t('job.terminal.settings')} code={settingsOf()} />
      <CodeBlock
        label={t('job.terminal.command')}
        code={[
          `${daybook} jobs show ${job.id}`,
          `${daybook} jobs watch ${job.id}`,
          `${daybook} jobs ${isActive(job.status) ? 'cancel' : 'retry'} ${job.id}`,
        ].join('\n')}
      />
      <CodeBlock label={t('job.terminal.read')} code={curl(api)} />
      <CodeBlock label={t('job.terminal.log')} code={curl('-H "Accept: text/plain"', `${api}/log`)} />
      <CodeBlock
        label={t('job.terminal.follow')}
        code={curl('-N', `"${location.origin}/api/v1/stream?job=${job.id}&log=${job.id}"`)}
      />
      <CodeBlock
        label={t('job.terminal.report')}
        code={curl(json, `-d '{"kind": "progress", "percent": 42}'`, `${api}/events`)}
      />
    </div>
  );
}
