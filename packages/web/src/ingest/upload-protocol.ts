import type { ChosenFile } from './browser-bundle.ts';

/** What the page tells the worker that sends a bundle. */
export type ToUploader =
  | {
      readonly kind: 'start';
      readonly entries: readonly unknown[];
      readonly files: readonly ChosenFile[];
      readonly name: string;
      /** Seconds since 1970. */
      readonly madeAt: number;
    }
  | { readonly kind: 'pause' | 'resume' | 'cancel' };

/** What it hears. */
export type FromUploader =
  | { readonly kind: 'begun'; readonly jobId: number; readonly size: number }
  | { readonly kind: 'sent'; readonly bytes: number }
  | { readonly kind: 'paused' | 'done' | 'canceled' }
  /** The link is away; it is tried again. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };
