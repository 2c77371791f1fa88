import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * A handler that leaves a promise behind which is rejected later would end the process, and every other job with it. What
 * comes from within a handler is told to its job instead; all else goes the way it always went.
 */
const origins = new AsyncLocalStorage<(error: unknown) => void>();
let listeners = 0;

/** Runs `work`; a rejection that it leaves to nobody goes to `onLeak`, even later. */
export function catchingLeaks<T>(onLeak: (error: unknown) => void, work: () => T): T {
  return origins.run(onLeak, work);
}

/** While any worker lives. Answers what ends it. */
export function listenForLeaks(): () => void {
  if (listeners === 0) process.on('unhandledRejection', catchLeak);
  listeners += 1;
  return () => {
    listeners -= 1;
    if (listeners === 0) process.off('unhandledRejection', catchLeak);
  };
}

function catchLeak(error: unknown): void {
  const onLeak = origins.getStore();
  if (onLeak !== undefined) onLeak(error);
  // As if we did not listen: with no other listener Node would have thrown it.
  else if (process.listenerCount('unhandledRejection') === 1) throw error;
}
