/*
 * Files of a job: what stands in its directory, to be looked at. Their schemas stand apart, so that a page which needs the
 * bounds alone does not take all of zod along: it probes `eval`, which our pages forbid.
 */

/** Bounds of what is shown. */
export const jobFileLimits = {
  /** Entries of a directory that are listed. */
  entries: 2_000,
  /** Of a text that are sent at once, bytes. */
  text: 512 * 1024,
  /** Of an image, bytes. */
  image: 20 * 1024 * 1024,
} as const;
