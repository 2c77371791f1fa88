#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it checks the version before it loads code that needs a newer one.
var wanted = [22, 13];
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error('daybook needs Node ' + wanted.join('.') + ' or newer; this is Node ' + process.versions.node + '. In the repository, use: npm exec -- daybook …');
  process.exit(70);
}
// A server that waits most of the time needs no large nursery for its objects: 15 MB less resident memory. Its old objects
// are collected when they take twice what was alive, not up to four times that: 90 MB less while a bundle of a million
// members arrives. Its threads share two of glibc's arenas (one each keeps what it once took), and what is large
// goes back to the system. V8 and glibc take this only at their start, so the process begins once more in its own place
// (same pid; Node 22.15 and newer, not on Windows).
var nursery = '--max-semi-space-size=8';
var growth = '--heap-growing-percent=100';
var allocation = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };
if (process.argv[2] === 'serve' && typeof process.execve === 'function' && process.platform !== 'win32') {
  if (process.execArgv.indexOf(nursery) < 0) {
    var env = Object.assign({}, allocation, process.env);
    process.execve(process.execPath, [process.execPath, nursery, growth].concat(process.execArgv, process.argv.slice(1)), env);
  }
  // For the main thread alone: others say themselves how much they need, which this flag would outvote.
  process.getBuiltinModule('node:v8').setFlagsFromString('--max-semi-space-size=0');
}
import('../dist/bundle/main.js').catch(function (error) {
  if (error && error.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).indexOf('dist') > 0) {
    console.error('daybook is not built yet: run npm run build in the repository.');
    process.exit(70);
  }
  throw error;
});
