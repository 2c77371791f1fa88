import type { JsonObject } from '@daybook/core';
import type { About, Recipe } from '../recipe.ts';

/** Dataset imports with the stages of the microdata contract, and bundle ingests with the tasks of the Pacifica contract. */

export const datasetImport: Recipe = {
  tag: 'dataset_import',
  name: 'Dataset import',
  version: '1.0.0',
  kind: 'import',
  source: 'imports',
  execution: 'claimed',
  reporter: 'imports',
  steps: [
    {
      tag: 'validating',
      name: 'Validating',
      points: 10,
      seconds: 14,
      metadata: [{ name: 'Rows', kind: 'number' }],
    },
    { tag: 'decrypting', name: 'Decrypting', points: 5, seconds: 6 },
    { tag: 'transforming', name: 'Transforming', points: 15, seconds: 18 },
    { tag: 'pseudonymizing', name: 'Pseudonymizing', points: 15, seconds: 16 },
    { tag: 'enriching', name: 'Enriching', points: 10, seconds: 11 },
    { tag: 'converting', name: 'Converting', points: 20, seconds: 24 },
    {
      tag: 'partitioning',
      name: 'Partitioning',
      points: 10,
      seconds: 12,
      metadata: [{ name: 'Partitions', kind: 'number' }],
    },
    { tag: 'importing', name: 'Importing', points: 15, seconds: 20 },
  ],
  endings: { failed: 0.09 },
  failures: [
    {
      weight: 3,
      step: 'validating',
      message: ({ target, random }) =>
        `${target}.json: ${random.whole(2, 40)} rows do not fit the metadata, the first in row ${random.whole(1_000, 900_000)}: "start" is later than "stop"`,
      remedy: 'Dates were swapped by the export. Delivered again and imported.',
      lines: ({ random }) => [
        `row ${random.whole(1_000, 900_000)}: start 2025-08-14, stop 2025-03-02`,
        'error: validation gave up after 1 file',
      ],
    },
    {
      weight: 2,
      step: 'decrypting',
      message: ({ target, random }) =>
        `${target}.tar: chunk ${random.whole(2, 40)} cannot be decrypted, its key is not the one of this stack`,
      remedy: 'Supplier used the key of the test stack. New delivery asked for.',
    },
    {
      weight: 1,
      step: 'importing',
      isPassing: true,
      message: () => 'No space left on the datastore volume: 1.2 GB needed, 0.4 GB free',
    },
  ],
  line: importLine,
  figures: (step, { random }): JsonObject | undefined => {
    if (step === 'validating') return { Rows: random.whole(80_000, 2_400_000) };
    return step === 'partitioning' ? { Partitions: random.whole(4, 28) } : undefined;
  },
  farewell: ({ target }) => `${target} is imported`,
};

function importLine(step: string, share: number, { target, random }: About): string {
  const percent = Math.round(share * 100);
  switch (step) {
    case 'validating':
      return `${target}: ${percent} % of rows checked against the metadata, ${random.whole(0, 3)} warnings`;
    case 'decrypting':
      return `chunk ${Math.max(1, Math.round(share * 40))} of 40 decrypted`;
    case 'pseudonymizing':
      return `unit identifiers: ${percent} % replaced, ${random.whole(8_000, 60_000)} looked up`;
    case 'converting':
      return `row group ${Math.max(1, Math.round(share * 24))} of 24 written to ${target}.parquet`;
    case 'partitioning':
      return `partition start_year=${2005 + Math.floor(share * 20)} written`;
    case 'importing':
      return share < 0.8
        ? `copied ${random.whole(40, 900)} MB to the datastore`
        : 'data structures of the draft version updated';
    default:
      return `${step}: ${percent} % of ${random.whole(8, 40)} columns done`;
  }
}

export const bundleIngest: Recipe = {
  tag: 'bundle_ingest',
  name: 'Bundle ingest',
  version: '1.0.0',
  kind: 'ingest',
  source: 'archive',
  execution: 'claimed',
  reporter: 'archive',
  steps: [
    {
      tag: 'UPLOADING',
      name: 'Uploading',
      points: 40,
      seconds: 58,
      spread: 0.5,
      metadata: [{ name: 'Size', units: 'GB', kind: 'number' }],
    },
    { tag: 'open tar', name: 'Open tar', points: 2, seconds: 3 },
    { tag: 'load metadata', name: 'Load metadata', points: 3, seconds: 4 },
    { tag: 'Policy Validation', name: 'Policy validation', points: 5, seconds: 5 },
    {
      tag: 'ingest files',
      name: 'Ingest files',
      points: 45,
      seconds: 52,
      spread: 0.4,
      metadata: [{ name: 'Files', kind: 'number' }],
    },
    { tag: 'ingest metadata', name: 'Ingest metadata', points: 5, seconds: 6 },
  ],
  endings: { failed: 0.1 },
  failures: [
    {
      weight: 3,
      step: 'ingest files',
      message: ({ random }) =>
        `${channelFile(random)}: sha1 differs, expected ${random.hex(40)}, found ${random.hex(40)}`,
      remedy: 'Damaged on the transfer disk. Bundle was sent again.',
      lines: () => ['error: nothing of this bundle was published'],
    },
    {
      weight: 1,
      step: 'load metadata',
      message: ({ name, random }) =>
        `${name}: metadata.txt is missing, the tar ends after ${random.whole(3, 40)} members`,
    },
    {
      weight: 1,
      step: 'Policy Validation',
      message: ({ random }) => `Transactions.instrument ${random.whole(50, 90)} is not known to this archive`,
    },
  ],
  line: ingestLine,
  figures: (step, { random }): JsonObject | undefined => {
    if (step === 'UPLOADING') return { Size: Number(random.logNormal(6, 0.8).toFixed(1)) };
    return step === 'ingest files' ? { Files: random.whole(40, 1_900) } : undefined;
  },
  farewell: ({ name }) => `${name}: published, receipt signed`,
};

function ingestLine(step: string, share: number, { random, name }: About): string {
  if (step === 'UPLOADING')
    return `${name}: ${Math.round(share * 100)} % received at ${random.whole(90, 320)} MB/s`;
  if (step === 'ingest files') return `${channelFile(random)}: sha1 ${random.hex(40)} ok`;
  return `${step}: ${random.whole(1, 60)} entries read`;
}

function channelFile(random: About['random']): string {
  const place = random.pick(['channels', 'video', 'photos', 'protocol']);
  return `data/${place}/${random.pick(['11HEAD', '11CHST', '11PELV', '13SEBE', '10VEHC'])}_${random.hex(4)}.${place === 'video' ? 'avi' : 'csv'}`;
}
