import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { isLoopback } from './access/addresses.ts';
import { firstSignIn, signInAddress } from './access/sign-in-links.ts';
import { buildHouse, furnish, greeting, type House, openStore } from './app.ts';
import { systemClock } from './clock.ts';
import { fillDemo } from './demo/fill-demo.ts';
import { liveDemo } from './demo/live-demo.ts';
import { builtPages, registerDiaryPages } from './http/diary-pages.ts';
import { limitRates } from './http/rate-limit.ts';
import { pageHeaders } from './http/security.ts';
import { buildServer } from './http/server.ts';
import { warmLists } from './jobs/list-jobs.ts';
import { createLog, logAnswer, requestIds } from './observe/log.ts';
import type { Settings } from './settings.ts';
import { migrate } from './storage/index.ts';
import { holdDirectory } from './storage/sqlite/hold-directory.ts';

export { createKey, listKeys, revokeKey } from './access/keys.ts';
export { openStore } from './app.ts';
export { systemClock } from './clock.ts';
export { type Settings, SettingsError, settingOptions, settingsFrom } from './settings.ts';
export { migrate, schemaVersions } from './storage/index.ts';

/** A server that answers. */
export interface RunningServer {
  /** Where it is reached, without a trailing slash. */
  readonly url: string;
  /** Signs the first admin in, once; absent when there is nothing to print. */
  readonly signInLink?: string;
  /** Stops gracefully: no new work, what is under way is finished and stored. Takes at most 10 s. */
  close(): Promise<void>;
}

/**
 * Starts the service: opens the database, brings its schema up to date, listens.
 *
 * @throws DirectoryInUseError, SchemaTooNewError, or what the system says of the port
 * @example const { url, close } = await startServer(settingsFrom({ flags: { port: 0 }, env: {} }));
 */
export async function startServer(settings: Settings): Promise<RunningServer> {
  const log = createLog(settings.logLevel);
  const letGo = settings.databaseUrl === undefined ? holdDirectory(settings.data) : () => undefined;
  const store = openStore(settings);
  await migrate(store);
  await furnish(store, systemClock);
  if (settings.firstJobId > 1)
    await store.write(({ db }) => store.profile.startJobIds(db, settings.firstJobId));
  const house = buildHouse(store, settings, systemClock, log);
  // Nobody else receives bundles into this database: what a killed process left is free to be gone on with.
  if (store.profile.soleWriter) await house.receptions.release();
  const server = await serverOf(house, settings, log);
  await server.listen({ host: settings.host, port: settings.port });
  // SQLite's reader is up when somebody looks: it would take a third of the memory of an idle server. What is wrong with
  // the database is told to whoever asks.
  if (!store.profile.soleWriter) warmLists(store).catch(() => undefined);
  if (settings.work) {
    await house.duties.start();
    house.ingest.work.start();
  }
  const demo = settings.demo ? startDemo(house, log) : undefined;
  const url = urlOf(server, settings);
  if (!isLoopback(settings.host) && settings.publicUrl === undefined && settings.trustedProxies.length === 0)
    log.warn(
      `Daybook listens on ${settings.host} without TLS: passwords and keys can be read on the way. Put a proxy with TLS in front and set --public-url and --trusted-proxies.`,
    );
  if (settings.microdata && settings.microdataNetworks.length > 0)
    log.warn(
      `The microdata job service's clients need no credentials from these networks: ${settings.microdataNetworks.join(', ')}`,
    );
  if (settings.pacifica && settings.ingestNetworks.length > 0)
    log.warn(
      `Pacifica's clients need no credentials from these networks: ${settings.ingestNetworks.join(', ')}`,
    );
  const link = await firstSignIn(store, systemClock, { loopback: isLoopback(settings.host) });
  return {
    url,
    ...(link !== undefined && { signInLink: signInAddress(settings.publicUrl ?? url, link.token) }),
    async close() {
      await demo?.stop();
      await stop(house, server).finally(letGo);
    },
  };
}

/** A worker of Daybook's own kind, without an address. */
export interface RunningWorker {
  /** Lets go of what it works on: others take it up. */
  close(): Promise<void>;
}

/** SQLite has one process, which works, too. */
export class SoleProcessError extends Error {
  override readonly name = 'SoleProcessError';
}

/**
 * Does recurring work and takes bundles in, as `serve` does, and serves nobody: for machines beside those that serve, on the
 * same PostgreSQL and the same archive.
 *
 * @throws SoleProcessError without PostgreSQL, and what {@link startServer} throws
 */
export async function startWorker(settings: Settings): Promise<RunningWorker> {
  if (settings.databaseUrl === undefined)
    throw new SoleProcessError(
      'without DAYBOOK_DATABASE_URL, daybook serve is the only process, and does this work itself',
    );
  const log = createLog(settings.logLevel);
  const store = openStore(settings);
  await migrate(store);
  await furnish(store, systemClock);
  const house = buildHouse(store, settings, systemClock, log);
  await house.duties.start();
  house.ingest.work.start();
  return {
    async close() {
      house.queue.close();
      house.tail.close();
      await house.duties.stop();
      await house.ingest.work.stop();
      await house.tarThreads.close();
      await house.appender.idle();
      await house.authenticator.close();
      await house.store.close();
    },
  };
}

async function serverOf(house: House, settings: Settings, log: Logger): Promise<FastifyInstance> {
  const { authenticator, metrics } = house;
  const server = buildServer({
    routes: house.routes,
    authenticate: limitRates(systemClock, settings.rateLimit, ({ headers }) =>
      authenticator.authenticate(headers),
    ),
    site: settings,
    trustedProxies: settings.trustedProxies,
    log,
    requestId: requestIds(),
    onAnswer({ route, stream, ...answered }) {
      if (!stream) metrics.answered(answered.method, route, answered.status, answered.ms);
      logAnswer(log, { ...answered, patient: stream });
    },
  });
  const makeNonce = () => randomBytes(16).toString('base64');
  await registerDiaryPages(server, {
    folder: builtPages,
    makeNonce,
    headers: pageHeaders,
    ...(settings.pacifica && { greeting }),
  });
  return server;
}

/** Fills an empty diary while the server answers already, then keeps it going. */
function startDemo({ store, jobs, appender, queue }: House, log: Logger): { stop(): Promise<void> } {
  const parts = { store, jobs, appender, queue, clock: systemClock, log };
  const live = fillDemo(parts)
    .then(() => liveDemo(parts))
    .catch((error: unknown) => log.error({ err: error }, 'the demo could not be filled'));
  return { stop: async () => (await live)?.stop() };
}

function urlOf(server: FastifyInstance, settings: Settings): string {
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  const everywhere = settings.host === '0.0.0.0' || settings.host === '::';
  const host = everywhere ? '127.0.0.1' : settings.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** From the outside in: no new requests, what was accepted is stored, then the database is closed. */
async function stop(house: House, server: FastifyInstance): Promise<void> {
  house.state.draining = true;
  house.tail.close();
  house.queue.close();
  await house.ingest.intake.close();
  await server.close();
  await house.duties.stop();
  await house.ingest.work.stop();
  await house.tarThreads.close();
  await house.appender.idle();
  await house.authenticator.close();
  await house.store.close();
}
