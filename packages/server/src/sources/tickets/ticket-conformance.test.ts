import { renameSync } from 'node:fs';
import { describeSource } from '../testing/source-conformance.ts';
import { TicketShelf, ticketOf } from '../testing/watchtower.ts';
import { trackerFiles } from './ticket-source.ts';

describeSource(trackerFiles, (clock) => {
  const shelf = new TicketShelf(clock);
  let count = 0;
  return {
    settings: { directory: shelf.directory },
    submit() {
      const id = `ticket-${++count}`;
      shelf.put(ticketOf(id, { now: clock.now() }));
      return id;
    },
    start: (id) => shelf.change(id, 'running', 2),
    end: (id) => shelf.change(id, 'success', 3),
    spoil() {
      shelf.putRaw('broken.json', '{"job_ticket_id":');
      return 'broken.json';
    },
    cut: () => renameSync(shelf.directory, `${shelf.directory}-away`),
    mend: () => renameSync(`${shelf.directory}-away`, shelf.directory),
    close: () => shelf.remove(),
  };
});
