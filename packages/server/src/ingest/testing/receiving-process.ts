import { join } from 'node:path';
import { DirectoryStore } from '../../archive/directory-store.ts';
import { receiptKeyIn } from '../../archive/receipt-key.ts';
import { systemClock } from '../../clock.ts';
import { openAt } from '../../storage/testing/open-at.ts';
import { TarThreads } from '../../tar/tar-threads.ts';
import { ReceptionDesk } from '../receptions-desk.ts';
import { largeBundle } from './large-bundle.ts';

/*
 * Receives the large bundle, slowly enough to be killed on the way, and publishes it; says how far it is safe. Arguments: the
 * database, a folder for archive and key, and the bundle to go on with, if there is one.
 */
const [location = '', folder = '', bundle = ''] = process.argv.slice(2);
const store = openAt(location);
const desk = new ReceptionDesk({
  store,
  objects: new DirectoryStore(join(folder, 'archive')),
  threads: new TarThreads(),
  key: () => receiptKeyIn(folder),
  clock: systemClock,
  owner: String(process.pid),
});
await desk.release();
const reception = bundle === '' ? await desk.open(1) : await desk.resume(Number(bundle));
process.send?.({ bundleId: reception.bundleId, safe: reception.safe });
const tar = largeBundle();
for (let at = reception.safe; at < tar.length; at += 65_536)
  await reception.write(tar.subarray(at, at + 65_536));
const received = await reception.finish();
await received.checkFiles([], { strictListing: false });
await received.seal({ metadata: [], project: null, submitter: null, instrument: null, receivedFrom: 'test' });
await store.write((transaction) => received.publishWithin(transaction));
process.send?.('published');
process.exit(0);
