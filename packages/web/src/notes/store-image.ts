import { formatBytes, type Image, imageLimits, imageTypes, type Translate } from '@daybook/core';
import { call } from '../api/client.ts';

/** The images among files that somebody pastes or drops. */
export function imagesIn(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith('image/'));
}

/** Why an image would be refused; undefined if it would not. */
export function whyUnfit(file: File, t: Translate): string | undefined {
  if (!(imageTypes as readonly string[]).includes(file.type)) return t('note.image.type');
  if (file.size > imageLimits.bytes)
    return t('note.image.tooLarge', { size: formatBytes(imageLimits.bytes, t) });
  return undefined;
}

/**
 * Stores an image with a job; answers the Markdown that shows it.
 *
 * @throws ApiError
 */
export async function storeImage(jobId: number, file: File): Promise<string> {
  const image = await call<Image>(`/jobs/${jobId}/images`, {
    method: 'POST',
    body: { name: file.name || 'image', content: await base64Of(file) },
  });
  return `![${image.name.replace(/[[\]\\]/g, '')}](${image.path})`;
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error ?? new Error('the file cannot be read'));
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.readAsDataURL(file);
  });
}
