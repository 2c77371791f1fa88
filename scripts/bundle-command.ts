import { join } from 'node:path';
import { build, type Plugin } from 'rolldown';

/**
 * The `daybook` command as a few files instead of some thousand modules: it starts in half the time and keeps less in
 * memory. The threads and the reader process lie beside it, as they lie beside whoever starts them in the packages.
 */
export async function bundleCommand(root: string): Promise<void> {
  const dist = (path: string) => join(root, 'packages', path);
  await build({
    input: {
      main: dist('cli/dist/main.js'),
      'heartbeat-thread': dist('sdk/dist/worker/heartbeat-thread.js'),
      'scan-thread': dist('sdk/dist/tickets/scan-thread.js'),
      'reader-process': dist('server/dist/storage/sqlite/reader-process.js'),
      'writer-thread': dist('server/dist/storage/sqlite/writer-thread.js'),
      'tar-thread': dist('server/dist/tar/tar-thread.js'),
    },
    platform: 'node',
    // Native code, and what pg looks for without needing it.
    external: ['@node-rs/argon2', 'pg-native'],
    logLevel: 'warn',
    plugins: [ascii],
    output: {
      // As deep in its package as the modules it is made of: what they find by their own place is still there.
      dir: dist('cli/dist/bundle'),
      cleanDir: true,
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    },
  });
}

/**
 * Writes no character beyond ASCII: V8 keeps a source in two bytes a character as soon as a single one is beyond Latin-1, which was 4 MB
 * of every process for some arrows and dashes.
 */
const ascii: Plugin = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle))
      if (chunk.type === 'chunk') chunk.code = chunk.code.replace(/[\u0080-\uffff]/g, escaped);
  },
};

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
