import { weekOf } from './calendar.ts';
import type { Digest, DigestJob, DigestList, DigestProject } from './digest.ts';
import { formatCount, formatDay } from './format.ts';
import { endedStatuses } from './status.ts';
import type { Translate } from './translate.ts';

/*
 * The digest as Markdown and as HTML for mail. Names and notes come from jobs and people: nothing in them is markup here,
 * and links lead to Daybook alone.
 */

interface Section {
  readonly heading: string;
  /** "12 jobs ended: 9 succeeded, 2 failed, 1 canceled" */
  readonly sentence: string;
  readonly lists: readonly { readonly heading: string; readonly list: DigestList }[];
}

function sectionsOf(digest: Digest, t: Translate): Section[] {
  return digest.projects.map((project) => ({
    heading: project.project ?? t('digest.noProject'),
    sentence: endedText(project, t),
    lists: [
      { heading: t('digest.failed'), list: project.failed },
      { heading: t('digest.concluded'), list: project.concluded },
      { heading: t('digest.waiting'), list: project.waiting },
    ].filter(({ list }) => list.count > 0),
  }));
}

/** How many jobs of a project ended, and how: "12 jobs ended: 9 succeeded, 2 failed, 1 canceled". */
export function endedText({ jobs, ended }: Pick<DigestProject, 'jobs' | 'ended'>, t: Translate): string {
  const parts = endedStatuses
    .filter((status) => (ended[status] ?? 0) > 0)
    .map((status) => `${formatCount(ended[status] ?? 0, t)} ${t(`status.${status}`)}`);
  const all = t('digest.ended', { count: jobs });
  return parts.length === 0 ? all : `${all}: ${parts.join(', ')}`;
}

/** "1 Feb 2026 to 7 Feb 2026": the last day is the one before the end. */
export function digestSpanText({ since, until, timeZone }: Digest, t: Translate): string {
  return t('digest.span', {
    from: formatDay(Date.parse(since), t, timeZone),
    to: formatDay(Date.parse(until) - 1, t, timeZone),
  });
}

function jobLine(job: DigestJob, t: Translate): { name: string; rest: string } {
  const verdict = job.assessment === null ? [] : [t(`assessment.${job.assessment}`)];
  const said = [t(`status.${job.status}`), ...verdict, ...(job.user === null ? [] : [job.user])].join(' · ');
  return {
    name: `${job.externalId ?? job.id} ${job.name}`,
    rest: job.note === '' ? said : `${said}: ${job.note}`,
  };
}

/** `address` is where Daybook is, `https://daybook.example.com`. */
export function digestMarkdown(digest: Digest, t: Translate, address: string): string {
  const lines = [`# ${t('digest.title', { week: digest.week })}`, '', digestSpanText(digest, t)];
  const sections = sectionsOf(digest, t);
  if (sections.length === 0) lines.push('', t('digest.empty'));
  for (const { heading, sentence, lists } of sections) {
    lines.push('', `## ${plain(heading)}`, '', sentence);
    for (const each of lists) {
      lines.push('', `### ${each.heading} (${formatCount(each.list.count, t)})`, '');
      for (const job of each.list.items) {
        const { name, rest } = jobLine(job, t);
        lines.push(`- [${plain(name)}](${address}/diary/jobs/${job.id}) ${plain(rest)}`);
      }
      const more = each.list.count - each.list.items.length;
      if (more > 0) lines.push(`- ${t('digest.more', { count: more })}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Text without any meaning to Markdown, in one line. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>()#+!|~&:@-]/g, '\\$&')
    .trim();
}

/** A whole page for mail programs: few tags, styles in place, no images. `stop` is where one ends the subscription. */
export function digestHtml(
  digest: Digest,
  t: Translate,
  { address, stop }: { address: string; stop?: string },
): string {
  const sections = sectionsOf(digest, t).map(({ heading, sentence, lists }) => {
    const parts = lists.map(({ heading, list }) => htmlList(heading, list, t, address));
    return `<h2 style="${styles.h2}">${html(heading)}</h2><p style="${styles.p}">${html(sentence)}</p>${parts.join('')}`;
  });
  const body = sections.length === 0 ? `<p>${html(t('digest.empty'))}</p>` : sections.join('');
  const footer =
    stop === undefined
      ? ''
      : `<p style="${styles.small}">${html(t('digest.footer'))} <a href="${html(stop)}">${html(stop)}</a></p>`;
  return `<!doctype html><html lang="${t.language}"><head><meta charset="utf-8"><title>${html(
    t('digest.title', { week: digest.week }),
  )}</title></head><body style="${styles.body}"><h1 style="${styles.h1}">${html(
    t('digest.title', { week: digest.week }),
  )}</h1><p style="${styles.small}">${html(digestSpanText(digest, t))}</p>${body}${footer}</body></html>`;
}

const styles = {
  body: 'font:14px/1.5 system-ui,sans-serif;color:#1a1c1e;background:#fff;max-width:720px;margin:24px auto;padding:0 16px',
  h1: 'font-size:20px;margin:0',
  h2: 'font-size:16px;margin:28px 0 4px;border-top:1px solid #e2e4e6;padding-top:16px',
  h3: 'font-size:14px;margin:14px 0 4px',
  p: 'margin:0',
  ul: 'margin:0;padding:0 0 0 18px',
  small: 'font-size:12px;color:#626971;margin:4px 0 0',
} as const;

function htmlList(heading: string, list: DigestList, t: Translate, address: string): string {
  const items = list.items.map((job) => {
    const { name, rest } = jobLine(job, t);
    return `<li><a href="${html(`${address}/diary/jobs/${job.id}`)}">${html(name)}</a> ${html(rest)}</li>`;
  });
  const more = list.count - list.items.length;
  if (more > 0) items.push(`<li>${html(t('digest.more', { count: more }))}</li>`);
  const title = `${heading} (${formatCount(list.count, t)})`;
  return `<h3 style="${styles.h3}">${html(title)}</h3><ul style="${styles.ul}">${items.join('')}</ul>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function html(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? '');
}

/** The week before and after one. */
export function weeksAround({ since, until, timeZone }: Pick<Digest, 'since' | 'until' | 'timeZone'>): {
  before: string;
  after: string;
} {
  return { before: weekOf(Date.parse(since) - 1, timeZone), after: weekOf(Date.parse(until), timeZone) };
}
