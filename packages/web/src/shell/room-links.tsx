import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useT } from '../words/language.tsx';
import css from './room-links.module.css';
import { useMay } from './session.ts';

/** The pages around the queue: one entry in the top bar leads to all of them, so that the bar stays calm. */
export function RoomLinks() {
  const t = useT();
  const maySeeQueue = useMay('queue.read');
  const maySeeDatasets = useMay('datasets.read');
  const maySeeSources = useMay('sources.manage');
  const links = useRef<HTMLElement>(null);
  // On a narrow screen they do not all fit: the current one is among those that are seen.
  useEffect(() => {
    links.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, []);
  return (
    <nav ref={links} className={css.links} aria-label={t('nav.queue.rooms')}>
      {maySeeQueue && (
        <>
          <Link to="/queue">{t('nav.queue')}</Link>
          <Link to="/targets">{t('nav.targets')}</Link>
          <Link to="/maintenance">{t('nav.maintenance')}</Link>
        </>
      )}
      {maySeeDatasets && <Link to="/datasets">{t('nav.datasets')}</Link>}
      {maySeeSources && <Link to="/sources">{t('nav.sources')}</Link>}
    </nav>
  );
}
