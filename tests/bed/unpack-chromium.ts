import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What Playwright needs to start the Chromium that npm installed. */
export interface UnpackedChromium {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

// Made for one cloud's functions: they would take away what the diary's security rests on, or its process model.
const unwantedFlags = [
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--disable-site-isolation-trials',
  // Playwright sets these three itself; the last one given wins, and these would switch site isolation off.
  '--disable-features',
  '--enable-features',
  '--headless',
];

/**
 * Runs in a process of its own: the package changes LD_LIBRARY_PATH and FONTCONFIG_PATH of whoever imports it, and
 * every process that the tests start would inherit that.
 */
const unpackScript = `
  import { default as chromium } from '@sparticuz/chromium';
  await chromium.executablePath();
  console.log(JSON.stringify(chromium.args));
`;

/** Unpacks Chromium below `folder` unless it is there already, and says how to start it. */
export async function unpackChromium(folder: string): Promise<UnpackedChromium> {
  const home = join(folder, 'chromium');
  const listFile = join(home, 'args.json');
  if (!existsSync(listFile)) await unpackInto(home, folder);
  const args: string[] = JSON.parse(await readFile(listFile, 'utf8'));
  const isUnwanted = (flag: string) => unwantedFlags.includes(flag.replace(/=.*$/, ''));
  return {
    executablePath: join(home, 'chromium'),
    args: args.filter((flag) => !isUnwanted(flag)),
    env: {
      LD_LIBRARY_PATH: join(home, 'al2023/lib'),
      FONTCONFIG_PATH: join(home, 'fonts'),
      HOME: folder,
      TMPDIR: folder,
    },
  };
}

/** Two processes may unpack at once: each does so beside the place, the first one to finish gets it. */
async function unpackInto(home: string, folder: string): Promise<void> {
  const mine = await mkdtemp(join(folder, 'unpack-'));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', unpackScript],
    {
      cwd: import.meta.dirname,
      env: { PATH: process.env.PATH, TMPDIR: mine, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    },
  );
  await writeFile(join(mine, 'fonts/fonts.conf'), fontSettings(home));
  await writeFile(join(mine, 'args.json'), stdout);
  await rename(mine, home).catch(async (error: unknown) => {
    await rm(mine, { recursive: true });
    if (!existsSync(home)) throw error;
  });
}

/**
 * The package's own settings look for its fonts (Open Sans, three styles) below /tmp alone. The machine's fonts come
 * after them: a fresh Debian has none, so nothing may depend on them.
 */
function fontSettings(home: string): string {
  const prefer = (generic: string, font: string) =>
    `<match target="pattern"><test name="family"><string>${generic}</string></test>` +
    `<edit name="family" mode="prepend" binding="strong"><string>${font}</string></edit></match>`;
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${home}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${home}/font-cache</cachedir>
  ${prefer('sans-serif', 'Open Sans')}
  ${prefer('system-ui', 'Open Sans')}
  ${prefer('monospace', 'DejaVu Sans Mono')}
  ${prefer('serif', 'DejaVu Serif')}
</fontconfig>
`;
}
