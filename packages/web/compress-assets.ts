import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Smaller files gain nothing. */
const smallest = 1_024;

/** Vite plugin: lays a Brotli and a gzip copy beside each asset, so that the server never compresses one twice. */
export function compressAssets(): Plugin {
  let folder = '';
  return {
    name: 'daybook-compress-assets',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir, config.build.assetsDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder).filter((each) => /\.(?:js|css|svg)$/.test(each))) {
        const file = join(folder, name);
        const bytes = readFileSync(file);
        if (bytes.length < smallest) continue;
        const text = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: text }));
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
