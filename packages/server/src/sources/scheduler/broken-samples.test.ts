import { isEnded } from '@daybook/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseQstat } from '../pbs/qstat.ts';
import { parseAccounting } from '../sge/accounting.ts';
import { parseQstatDetail } from '../sge/qstat-detail.ts';
import { parseQstatList } from '../sge/qstat-list.ts';
import { parseReporting } from '../sge/reporting.ts';
import { parseLogFile } from '../sge-logs/log-file.ts';
import { parseReadme } from '../sge-logs/readme-file.ts';
import { parseJobcomp } from '../slurm/jobcomp.ts';
import { parseSacct } from '../slurm/sacct.ts';
import { parseScontrol } from '../slurm/scontrol.ts';
import { parseSqueue } from '../slurm/squeue.ts';
import { sample, sampleColumns, sampleTime, withNumberAtEnd } from '../testing/scheduler-samples.ts';
import type { Listing } from './seen.ts';

/*
 * What is cut off or overwritten is told, or left out, and what is told of an end is always true. Digits are not put in
 * the place of others: no reader could know an exit code of 3 from the 0 that it was.
 */

const D = '\u001fe1b2c3\u001f';
const marked = (text: string) => text.replaceAll('|', D);
const queue = withNumberAtEnd(sample('slurm', 'slurm22_squeue_o.txt'), sampleColumns);
const sacct = withNumberAtEnd(sample('slurm', 'slurm22_sacct_parsable2.txt'));

const lists: readonly (readonly [string, string, (text: string) => Listing])[] = [
  ['squeue', marked(queue.text), (text) => parseSqueue(text, D, sampleTime, queue.columns)],
  ['sacct', marked(sacct.text), (text) => parseSacct(text, D, sampleTime)],
  ['jobcomp', sample('slurm', 'slurm22_jobcomp_filetxt.log'), (text) => parseJobcomp(text, sampleTime)],
  ['qstat', sample('sge', 'sge819_qstat_u_all.xml'), (text) => parseQstatList(text, sampleTime)],
  ['accounting', sample('sge', 'sge819_accounting.txt'), (text) => parseAccounting(text, sampleTime)],
  [
    'reporting',
    sample('sge', 'sge819_reporting_joblog.txt'),
    (text) => parseReporting(text, new Set(), sampleTime),
  ],
  ['OpenPBS', sample('pbs', 'openpbs.json'), (text) => parseQstat(text, sampleTime)],
  ['Torque', sample('pbs', 'torque.txt'), (text) => parseQstat(text, sampleTime)],
];

const garbage = fc.string({
  unit: fc.constantFrom('x', 'Z', ' ', '\n', '\t', '\0', '|', ':', '<', '=', '"', 'ü', '\ufffd'),
  minLength: 1,
  maxLength: 12,
});

/** A text of which a part is cut off, or other things stand over it. */
function broken(text: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: text.length });
  return fc.oneof(
    place.map((at) => text.slice(0, at)),
    place.map((at) => text.slice(at)),
    fc.tuple(place, garbage).map(([at, junk]) => text.slice(0, at) + junk + text.slice(at)),
    fc.tuple(place, garbage).map(([at, junk]) => text.slice(0, at) + junk + text.slice(at + junk.length)),
  );
}

describe.each(lists)('%s', (_name, whole, parse) => {
  const truth = new Map<string, Set<string>>();
  for (const { id, status } of parse(whole).seen)
    if (status !== undefined && isEnded(status)) truth.set(id, (truth.get(id) ?? new Set()).add(status));

  test('broken: told or left out, and never a wrong end', () => {
    fc.assert(
      fc.property(broken(whole), (text) => {
        let listing: Listing;
        try {
          listing = parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          return;
        }
        // `finished` says no more than that it has ended.
        for (const { id, status } of listing.seen)
          if (status !== undefined && isEnded(status) && status !== 'finished' && status !== 'other')
            expect([...(truth.get(id) ?? [])], `${id} ${status}`).toContain(status);
      }),
      { numRuns: 400 },
    );
  });
});

test('details, logs and READMEs are read whatever they are', () => {
  const log = sample('sge', 'sge819_qstat_j_3_pending.txt');
  fc.assert(
    fc.property(broken(log), (text) => {
      const facts = parseLogFile(Buffer.from(text), '2026-11-22__00:03:39-3.log', sampleTime);
      if (facts !== undefined) expect(facts.id).toMatch(/^\d+$/);
      parseReadme(Buffer.from(text), sampleTime);
      parseScontrol(text);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(broken(sample('sge', 'sge819_qstat_j_3.xml')), (text) => {
      try {
        parseQstatDetail(text, sampleTime);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 100 },
  );
});
