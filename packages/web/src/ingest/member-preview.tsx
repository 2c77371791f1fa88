import { type BundleMember, formatBytes, visibleName } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { ErrorNote } from '../ui/error-note.tsx';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './ingest.module.css';
import { fileAddress } from './queries.ts';

/** As much of a text as is shown, and images that are not larger, bytes. */
const TEXT = 64 * 1024;
const IMAGE = 8 * 1024 * 1024;

interface MemberPreviewProps {
  readonly bundleId: number;
  readonly member: BundleMember;
}

/** One file of a bundle: its facts, and what is in it where that can be shown. */
export function MemberPreview({ bundleId, member }: MemberPreviewProps) {
  const t = useT();
  const { path, name, size = 0, sha256, mimeType, modifiedAt } = member;
  return (
    <div className={css.preview}>
      <h2>
        <bdi>{visibleName(name)}</bdi>
      </h2>
      <dl className={css.facts}>
        <div>
          <dt>{t('datasets.size')}</dt>
          <dd>{formatBytes(size, t)}</dd>
        </div>
        {mimeType && (
          <div>
            <dt>{t('ingest.type')}</dt>
            <dd>{mimeType}</dd>
          </div>
        )}
        {modifiedAt && (
          <div>
            <dt>{t('datasets.age')}</dt>
            <dd>
              <Ago at={modifiedAt} />
            </dd>
          </div>
        )}
      </dl>
      {sha256 && (
        <p className={css.hash}>
          <span className={css.faint}>SHA-256</span> <code>{sha256}</code>
        </p>
      )}
      <p>
        <a href={fileAddress(bundleId, path)} download={name}>
          {t('ingest.download')}
        </a>
      </p>
      <Content {...{ bundleId, member }} />
    </div>
  );
}

function Content({ bundleId, member }: MemberPreviewProps) {
  const t = useT();
  const kind = kindOf(member);
  const shown = visibleName(member.name);
  const { path, size = 0 } = member;
  const content = useQuery({
    queryKey: ['bundle file', bundleId, path],
    queryFn: ({ signal }) => (kind === 'image' ? readImage : readText)(fileAddress(bundleId, path), signal),
    enabled: kind !== 'other' && size > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (kind === 'other' || size === 0) return <p className={css.faint}>{t('ingest.noPreview')}</p>;
  if (content.error) return <ErrorNote error={content.error} onRetry={() => void content.refetch()} />;
  if (content.data === undefined) return null;
  if (kind === 'image') return <img className={css.image} src={content.data} alt={shown} />;
  return (
    <>
      <ScrollBox label={shown}>
        <pre className={css.text}>{content.data}</pre>
      </ScrollBox>
      {size > TEXT && <p className={css.faint}>{t('ingest.beginning', { size: formatBytes(TEXT, t) })}</p>}
    </>
  );
}

const images = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp']);
const texts = /^(text\/|application\/(json|xml|yaml|x-ndjson|toml))/;

function kindOf({ path, mimeType = '', size = 0 }: BundleMember): 'text' | 'image' | 'other' {
  if (images.has(mimeType)) return size <= IMAGE ? 'image' : 'other';
  return texts.test(mimeType) || path === 'metadata.txt' ? 'text' : 'other';
}

async function readText(address: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(address, { headers: { range: `bytes=0-${TEXT - 1}` }, signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.text()).replaceAll('\0', '␀');
}

/** As a data address: the page shows no other images than its own. */
async function readImage(address: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(address, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const blob = await response.blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
