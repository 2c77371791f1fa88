#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it checks the version before it loads code that needs a newer one.
var wanted = [22, 13];
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error('daybook needs Node ' + wanted.join('.') + ' or newer; this is Node ' + process.versions.node + '. In the repository, use: npm exec daybook');
  process.exit(69);
}
import('../dist/main.js').catch(function (error) {
  if (error && error.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).indexOf('dist') > 0) {
    console.error('daybook is not built yet: run npm run build in the repository.');
    process.exit(69);
  }
  throw error;
});
