import { BlockList, isIPv6 } from 'node:net';
import { type Fault, isTimeZone, parseDuration, plainSentence } from '@daybook/core';
import { z } from 'zod';
import { gatherSettings, type SettingOption, type SettingsSources } from './settings-sources.ts';

export type { SettingOption, SettingsSources } from './settings-sources.ts';

/*
 * What can be set, once: the command line, the environment, the file, `--help` and the manual are all made from this
 * schema. Values may be text (flags and environment write everything as text) or what the JSON file holds.
 */

const number = (schema: z.ZodNumber) => z.preprocess(fromText(Number), schema);
const whole = (min: number, max: number) =>
  number(
    z.int('must be a whole number').min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
  );
const yesOrNo = z.preprocess(
  fromText((text) => ({ true: true, '1': true, yes: true, false: false, '0': false, no: false })[text]),
  z.boolean('must be true or false'),
);
const text = z.string().trim().min(1, 'must not be empty');
const list = (item: z.ZodType<string>) =>
  z.preprocess(
    fromText((words) => words.split(/[\s,]+/).filter((word) => word !== '')),
    z.array(item, 'must be a list'),
  );
const address = (protocols: readonly string[], example: string) =>
  text.refine((value) => protocols.includes(protocolOf(value)), `must be an address such as ${example}`);
const origin = address(['http:', 'https:'], 'https://daybook.example.com').refine(
  (value) => isOrigin(value),
  'must have no path, query or user',
);
const network = text.refine(isNetwork, 'must be an IP address or a network such as 10.0.0.0/8');
const database = address(['postgres:', 'postgresql:'], 'postgres://user:password@host/database').meta({
  secret: true,
});
const service = address(['http:', 'https:'], 'http://policy.example.com:8181/ingest');
const duration = text.transform((value, context) => {
  try {
    return parseDuration(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is no duration' });
    return z.NEVER;
  }
});

/** What the microdata job service can do to a dataset (contracts/microdata.md). */
const microdataOperations = [
  'ADD',
  'CHANGE',
  'PATCH_METADATA',
  'SET_STATUS',
  'DELETE_DRAFT',
  'REMOVE',
  'ROLLBACK_REMOVE',
  'DELETE_ARCHIVE',
  'BUMP',
];

export const settingsSchema = z.strictObject({
  host: text.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 is every one of this machine'),
  port: whole(0, 65_535).default(8080).describe('Port to listen on; 0 takes a free one'),
  data: text.default('.daybook').describe('Folder for the database and everything else that is kept'),
  databaseUrl: database
    .optional()
    .describe('PostgreSQL to use instead of the embedded database, postgres://user:password@host/database'),
  databaseDirectUrl: database
    .optional()
    .describe('The same PostgreSQL without a connection pooler in between, for notifications'),
  inputDir: text
    .optional()
    .describe('Folder of importable datasets (NAME.tar, and archive/NAME.tar); without it there are none'),
  archive: text
    .optional()
    .describe(
      'Where bundles are kept: a folder, or s3://bucket/prefix; archive in the data folder when left out',
    ),
  archiveEndpoint: address(['http:', 'https:'], 'https://s3.example.com')
    .optional()
    .describe("Address of the S3-compatible store; Amazon's own when left out"),
  archiveRegion: text
    .optional()
    .describe('Region of the bucket; what the environment of AWS says when left out'),
  archiveAccessKey: text
    .optional()
    .describe('Name of the key of the bucket; as AWS tools find it when left out'),
  archiveSecretKey: text.meta({ secret: true }).optional().describe('The key of the bucket'),
  archiveVerifyEvery: duration
    .prefault('90d')
    .describe(
      'How long a bundle stays unread at most before it is read anew and compared, e.g. 30d; 0s is for ever',
    ),
  archiveVerifyRate: number(z.number('must be a number').min(0, 'must be at least 0'))
    .default(50)
    .describe('Megabytes a second at which the archive is read anew; 0 is no limit'),
  demo: yesOrNo.default(false).describe("Fill an empty diary with a realistic team's month"),
  work: yesOrNo.default(true).describe('Whether this process does recurring and queued work too'),
  publicUrl: origin.optional().describe('Where people reach Daybook, e.g. https://daybook.example.com'),
  timeZone: text
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
    .optional()
    .describe("Whose days and weeks the diary counts by, e.g. Europe/Berlin; the server's when left out"),
  smtpUrl: address(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.com:587')
    .meta({ secret: true })
    .optional()
    .describe('Mail server that sends the digest, smtp://user:password@host:587; without it no mail is sent'),
  mailFrom: text
    .default('Daybook <daybook@localhost>')
    .describe('Sender of mails, e.g. Daybook <daybook@example.com>'),
  feedbackUrl: address(['http:', 'https:', 'mailto:'], 'mailto:daybook@example.com')
    .optional()
    .describe('Where the feedback link leads, a page or mailto:daybook@example.com'),
  trustedProxies: list(network).default([]).describe('Proxies whose X-Forwarded-* headers are believed'),
  allowedHosts: list(text)
    .default([])
    .describe('Host names that are served besides the loopback and public ones'),
  allowedOrigins: list(origin)
    .default([])
    .describe('Other sites whose pages may write for a signed-in person'),
  logLevel: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info')
    .describe('The least important log lines that are written'),
  rateLimit: number(z.number('must be a number').min(0, 'must be at least 0'))
    .default(20_000)
    .describe('Requests per second and credential; 0 is no limit'),
  leaseSeconds: whole(1, 3_600)
    .default(9)
    .describe('How long a worker may be silent before its job is given to another, seconds'),
  stallAfter: duration
    .prefault('15m')
    .describe('How long a reported job may be silent before it is flagged as stalled, e.g. 15m or 2h'),
  microdata: yesOrNo
    .default(true)
    .describe('Whether clients of the microdata job service are served, at /jobs and its kin'),
  microdataNetworks: list(network)
    .default([])
    .describe('Networks whose clients of the microdata job service need no credentials'),
  microdataOperations: list(text.regex(/^\w{1,100}$/, 'must be letters, digits and _'))
    .default(microdataOperations)
    .describe('Operations that clients of the microdata job service know'),
  jwksUrl: address(['http:', 'https:'], 'https://id.example.com/jwks')
    .optional()
    .describe('Where the keys are that sign the JWT cookies of microdata'),
  stack: text
    .default('prod')
    .describe('Where this is; on qa the JWT cookies are made for datastore-qa, else for datastore'),
  jwtAuth: yesOrNo
    .default(true)
    .describe('Whether new jobs of microdata need JWT cookies, where no key or session is sent'),
  tracker: yesOrNo.default(true).describe('Whether clients of trackerapi are served, at /tracker'),
  pacifica: yesOrNo
    .default(true)
    .describe('Whether clients of Pacifica Ingest are served, at /ingest, /upload, /move and /get_state'),
  ingestNetworks: list(network)
    .default([])
    .describe('Networks whose clients of Pacifica Ingest need no credentials'),
  ingestDefaultUser: text.optional().describe('The user that clients from these networks stand for'),
  ingestUserHeader: text
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header')
    .default('X-Http-Authed-User')
    .describe('Header in which trusted proxies name the user, and we name them to the policy service'),
  ingestSchemas: text
    .optional()
    .describe(
      'Folder of JSON Schemas for the metadata of bundles: PROJECT.json, default.json for all others',
    ),
  policyUrl: service.optional().describe('Policy service of Pacifica that is asked about every bundle'),
  metadataUrl: service.optional().describe('Metadata service of Pacifica that is told of every bundle'),
  oldArchiveUrl: service
    .optional()
    .describe('Archive interface of Pacifica that gets every file besides our own archive'),
  uniqueIdUrl: service
    .optional()
    .describe('Unique-id service of Pacifica that numbers jobs and files; ours does when left out'),
  firstJobId: whole(1, 1_000_000_000_000)
    .default(1)
    .describe('The smallest number of a new job: set it above those of a system that Daybook replaces'),
  firstFileId: whole(1, 1_000_000_000_000)
    .default(1)
    .describe('The number that our first file gets when old services are told of files'),
  moveRoots: list(text).default([]).describe('Folders from which files may be moved into the archive'),
  uploadMinRate: whole(0, 1_000_000_000)
    .default(1_000)
    .describe('Bytes per second below which a sender is given up, on average over 30 s; 0 is no limit'),
  uploadExpiry: duration
    .prefault('23h')
    .describe('How long a resumable upload waits for its sender, e.g. 6h; a day at most'),
  quarantine: duration
    .prefault('7d')
    .describe('How long the bytes of a bundle that failed are kept for another try, e.g. 2d'),
  largestBundle: whole(1, Number.MAX_SAFE_INTEGER)
    .default(64 * 1024 ** 4)
    .describe('Bytes of the largest bundle that may be sent resumably'),
  sourcePrograms: list(text.regex(/^\//, 'must be an absolute path'))
    .default([])
    .describe(
      'Folders with programs that sources may start: those of schedulers first here, then as PATH has them',
    ),
  jobFiles: list(text.regex(/^\//, 'must be an absolute path'))
    .default([])
    .describe('Folders below which files of jobs are shown to whoever sees the job; without them, none'),
  bumpEnabled: yesOrNo.default(false).describe('Whether microdata may bump its datastore'),
});

/** Everything that can be set. Durations are milliseconds. */
export type Settings = z.output<typeof settingsSchema>;
export type SettingName = keyof Settings;

/** Settings that do not fit; `faults` names each by where it was set and never holds a secret's value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(
      ['These settings do not fit:', ...faults.map(({ path, message }) => `  ${path}: ${message}`)].join(
        '\n',
      ),
    );
    this.faults = faults;
  }
}

/**
 * Reads the settings once, at start.
 *
 * @throws SettingsError with every fault of every source
 * @example settingsFrom({ flags: { port: '9000' }, env: process.env }).port // 9000
 */
export function settingsFrom(sources: SettingsSources): Settings {
  const { values, origins, faults } = gatherSettings(settingOptions(), sources);
  const result = settingsSchema.safeParse(values, { error: plainSentence });
  for (const issue of result.error?.issues ?? [])
    if (issue.code !== 'unrecognized_keys')
      faults.push({
        path: origins.get(String(issue.path[0])) ?? String(issue.path[0]),
        message: issue.message,
      });
  if (faults.length > 0 || !result.success) throw new SettingsError(faults);
  return result.data;
}

/** All settings in the order of the schema. */
export function settingOptions(): SettingOption[] {
  return Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined).data;
    return {
      name,
      flag: `--${fallback === true ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      env: `DAYBOOK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      secret: isSecret(schema),
      kind: Array.isArray(fallback) ? 'list' : typeof fallback === 'boolean' ? 'switch' : 'text',
      // A duration as one writes it, not its milliseconds.
      default: schema instanceof z.ZodPrefault ? schema.def.defaultValue : fallback,
      description: schema.description ?? '',
    };
  });
}

function isSecret(schema: z.ZodType): boolean {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  return inner.meta()?.['secret'] === true;
}

function fromText(read: (text: string) => unknown): (value: unknown) => unknown {
  return (value) => {
    if (typeof value !== 'string') return value;
    // What cannot be read is left as it is, for the schema to refuse.
    return value.trim() === '' ? value : (read(value.trim()) ?? value);
  };
}

function protocolOf(value: string): string {
  return URL.canParse(value) ? new URL(value).protocol : '';
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return true;
  const url = new URL(value);
  return `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === '/';
}

function isNetwork(value: string): boolean {
  const [ip = '', bits] = value.split('/');
  const family = isIPv6(ip) ? 'ipv6' : 'ipv4';
  try {
    if (bits === undefined) new BlockList().addAddress(ip, family);
    else new BlockList().addSubnet(ip, /^\d+$/.test(bits) ? Number(bits) : Number.NaN, family);
    return true;
  } catch {
    return false;
  }
}
