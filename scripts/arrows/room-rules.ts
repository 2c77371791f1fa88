import { type Edge, type Fault, type House, isTest } from './house.ts';

const server = 'packages/server/src/';

/** Lower knows nothing of higher; rooms of the same rank may know each other, but not in a circle. */
const ranks = { basics: 0, storage: 1, jobs: 2, feature: 3, dialects: 4, app: 5, entry: 6 } as const;

/** The room of a file of the server: its first folder; a file beside the rooms is a basic (clock, config, …). */
function roomOf(path: string): string {
  const inside = path.slice(server.length);
  if (inside === 'index.ts') return 'entry';
  if (inside === 'app.ts') return 'app';
  return inside.includes('/') ? (inside.split('/')[0] ?? '') : 'basics';
}

function rankOf(room: string): number {
  return Object.hasOwn(ranks, room) ? ranks[room as keyof typeof ranks] : ranks.feature;
}

/** design: inside the server, storage ← jobs ← everything else ← dialects ← app. Tests may reach everything. */
export function checkRooms(house: House): Fault[] {
  return house.edges
    .filter(({ from, to }) => from.startsWith(server) && to.startsWith(server) && !isTest(from))
    .flatMap((edge) => {
      const message = roomFault(edge);
      return message ? [{ path: edge.from, line: edge.line, rule: 'room-arrow', message }] : [];
    });
}

function roomFault({ from, to }: Edge): string | undefined {
  const [importer, imported] = [roomOf(from), roomOf(to)];
  if (importer === imported) return undefined;
  if (isTest(to)) return `${to} is for tests alone`;
  if (imported === 'entry') return 'nothing inside the server imports its index.ts: import the file itself';
  if (imported === 'app' && importer !== 'entry') {
    return 'only index.ts imports app: let app pass in what you need';
  }
  if (imported === 'dialects' && importer !== 'app') {
    return 'only app imports dialects: what others need belongs to a room below';
  }
  if (rankOf(importer) >= rankOf(imported)) return undefined;
  return `${importer} may not know ${imported} (storage ← jobs ← everything else ← dialects ← app): ${wayOut(importer)}`;
}

function wayOut(importer: string): string {
  if (importer === 'basics') return 'move the file into a room, or pass in what it needs';
  return `move the shared part down into ${importer}, or let ${importer} take it as a parameter or callback`;
}
