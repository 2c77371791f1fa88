import { join } from 'node:path';
import type { Settings } from '../settings.ts';
import { DirectoryStore } from './directory-store.ts';
import type { ObjectStore } from './object-store.ts';
import { S3Store } from './s3-store.ts';

/** The archive that the settings name; nothing of it is touched yet. */
export function openArchive(
  settings: Pick<
    Settings,
    'data' | 'archive' | 'archiveEndpoint' | 'archiveRegion' | 'archiveAccessKey' | 'archiveSecretKey'
  >,
): ObjectStore {
  const { archive, archiveEndpoint, archiveRegion, archiveAccessKey, archiveSecretKey } = settings;
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(archive ?? '') ?? [];
  if (bucket === undefined) return new DirectoryStore(archive ?? join(settings.data, 'archive'));
  return new S3Store(
    { bucket, prefix: prefix.replace(/^\/+|\/+$/g, '') },
    {
      // Other stores know buckets by path alone.
      ...(archiveEndpoint !== undefined && { endpoint: archiveEndpoint, forcePathStyle: true }),
      ...(archiveRegion !== undefined && { region: archiveRegion }),
      ...(archiveEndpoint !== undefined && archiveRegion === undefined && { region: 'us-east-1' }),
      ...(archiveAccessKey !== undefined &&
        archiveSecretKey !== undefined && {
          credentials: { accessKeyId: archiveAccessKey, secretAccessKey: archiveSecretKey },
        }),
    },
  );
}
