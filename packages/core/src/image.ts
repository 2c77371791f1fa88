/*
 * Images in the notes of a job. They are kept as they came, under the type that their first bytes show: what a caller
 * says of it counts for nothing. No SVG: it is a document that can run scripts.
 */

export const imageLimits = {
  /** Of one image, bytes. */
  bytes: 4 * 1024 * 1024,
  perJob: 100,
} as const;

export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
export type ImageType = (typeof imageTypes)[number];

/** Where an image of a job is; notes may show nothing else. */
export function imagePath(jobId: number, id: number): string {
  return `/api/v1/jobs/${jobId}/images/${id}`;
}

/** True for addresses of images that Daybook keeps: those of other sites would tell them who reads what. */
export function isImagePath(path: string): boolean {
  return /^\/api\/v1\/jobs\/\d{1,15}\/images\/\d{1,15}$/.test(path);
}

/** What the first bytes show; undefined for what is none of the types. */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  const begins = (text: string, at = 0) =>
    bytes.length >= at + text.length && [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));
  if (begins('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (begins('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (begins('GIF87a') || begins('GIF89a')) return 'image/gif';
  if (begins('RIFF') && begins('WEBP', 8)) return 'image/webp';
  return undefined;
}
