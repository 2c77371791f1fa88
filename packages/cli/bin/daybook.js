#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it checks the version before it loads code that needs a newer one.
var wanted = [22, 13];
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error('daybook needs Node ' + wanted.join('.') + ' or newer; this is Node ' + process.versions.node + '. In the repository, use: npm exec -- daybook …');
  process.exit(70);
}
// A server that waits most of the time needs no large nursery for its objects: 15 MB less resident memory. V8 takes this
// only at its start, so the process begins once more in its own place (same pid; Node 22.15 and newer, not on Windows).
var nursery = '--max-semi-space-size=8';
if (process.argv[2] === 'serve' && typeof process.execve === 'function' && process.platform !== 'win32') {
  if (process.execArgv.indexOf(nursery) < 0) {
    process.execve(process.execPath, [process.execPath, nursery].concat(process.execArgv, process.argv.slice(1)), process.env);
  }
}
import('../dist/bundle/main.js').catch(function (error) {
  if (error && error.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).indexOf('dist') > 0) {
    console.error('daybook is not built yet: run npm run build in the repository.');
    process.exit(70);
  }
  throw error;
});
