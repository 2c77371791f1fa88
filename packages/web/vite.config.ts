import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { compressAssets } from './compress-assets.ts';

/** The server fills this in anew with every page that it serves. */
const noncePlaceholder = '__CSP_NONCE__';

export default defineConfig({
  root: import.meta.dirname,
  base: '/diary/',
  plugins: [react(), compressAssets()],
  // Core is read from its sources: what a page does not use is left out, and nothing has to be built first.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  html: { cspNonce: noncePlaceholder },
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    // Data URLs would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Few files: HTTP/1.1 fetches six at a time. What is on every page is one, libraries another; they change apart.
        codeSplitting: {
          groups: [
            { name: 'libraries', test: /node_modules/, tags: ['$initial'] },
            { name: 'diary', tags: ['$initial'] },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': process.env['DAYBOOK_URL'] ?? 'http://127.0.0.1:8080' } },
});
