import { isMainThread } from 'node:worker_threads';

/*
 * npm passes SIGTERM to its shell, and that ends without a word to what it runs: who stops `npm start` would leave the server
 * running. So it ends itself, gracefully, when its parent has gone.
 */
if (isMainThread) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}
