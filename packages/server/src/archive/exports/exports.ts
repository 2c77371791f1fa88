import type { ExportForm } from '@daybook/core';
import { tarIn } from '../tar-object.ts';
import { bagit } from './bagit.ts';
import { type Exported, tarOf } from './export-file.ts';
import { ocfl } from './ocfl.ts';
import { roCrate } from './ro-crate.ts';

/** A bundle in a form that others read, as the bytes of a tar. */
export function exportTar(bundle: Exported, form: ExportForm): AsyncIterable<Uint8Array> {
  switch (form) {
    case 'tar':
      return bundle.objects.read(tarIn(bundle.folder), 0, bundle.size);
    case 'bagit':
      return tarOf(bagit(bundle), bundle.publishedAt);
    case 'ro-crate':
      return tarOf(roCrate(bundle), bundle.publishedAt);
    case 'ocfl':
      return tarOf(ocfl(bundle), bundle.publishedAt);
  }
}

/** What the file is called that somebody saves. */
export function exportName(id: number, form: ExportForm): string {
  return form === 'tar' ? `bundle-${id}.tar` : `bundle-${id}-${form}.tar`;
}
