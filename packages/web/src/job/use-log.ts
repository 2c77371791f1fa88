import type { JobEvent } from '@daybook/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../api/client.ts';
import type { List } from '../api/wire.ts';
import { liveLine } from '../live/live-line.ts';
import { LogBuffer } from './log-buffer.ts';

const pageSize = 500;

export interface Log {
  readonly buffer: LogBuffer;
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: unknown;
  readonly hasOlder: boolean;
  readonly loadOlder: () => void;
  readonly reload: () => void;
}

/** The log of a job: its end first, older pages when asked for, and new lines as they are printed. */
export function useLog(jobId: number): Log {
  const [buffer, setBuffer] = useState(() => new LogBuffer());
  const [state, setState] = useState<Log['state']>('loading');
  const [error, setError] = useState<unknown>();
  const [cursor, setCursor] = useState<string>();
  const loadingOlder = useRef(false);

  const loadTail = useCallback(async () => {
    try {
      const page = await fetchPage(jobId);
      setBuffer((known) => {
        const next = known.withTail(page.items, page.nextCursor === undefined);
        // Only a buffer that begins with this page goes on where this page ends.
        if (known.lines.length === 0 || next.lines[0]?.id === page.items.at(-1)?.id)
          setCursor(page.nextCursor);
        return next;
      });
      setState('ready');
    } catch (failure) {
      setError(failure);
      setState((now) => (now === 'loading' ? 'failed' : now));
    }
  }, [jobId]);

  useEffect(() => {
    let arrived: JobEvent[] = [];
    let frame = 0;
    const flush = () => {
      frame = 0;
      const lines = arrived;
      arrived = [];
      setBuffer((known) => known.with(lines));
    };
    const stop = liveLine.listen((message) => {
      if (message.type === 'log' && message.event.jobId === jobId) {
        arrived.push(message.event);
        frame ||= requestAnimationFrame(flush);
      } else if (message.type === 'reset') {
        void loadTail();
      } else if (message.type === 'state' && message.state === 'live' && message.logs.includes(jobId)) {
        // From here on the stream brings every line; what was printed until now is loaded.
        void loadTail();
      }
    });
    const unfollow = liveLine.followLog(jobId);
    void loadTail();
    return () => {
      cancelAnimationFrame(frame);
      stop();
      unfollow();
    };
  }, [jobId, loadTail]);

  const loadOlder = useCallback(() => {
    if (cursor === undefined || loadingOlder.current) return;
    loadingOlder.current = true;
    setError(undefined);
    fetchPage(jobId, cursor)
      .finally(() => {
        loadingOlder.current = false;
      })
      .then((page) => {
        setBuffer((known) => known.with(page.items));
        setCursor(page.nextCursor);
      })
      .catch(setError);
  }, [jobId, cursor]);

  return { buffer, state, error, hasOlder: cursor !== undefined, loadOlder, reload: () => void loadTail() };
}

function fetchPage(jobId: number, cursor?: string): Promise<List<JobEvent>> {
  const query = new URLSearchParams({ sort: '-id', limit: String(pageSize) });
  if (cursor !== undefined) query.set('cursor', cursor);
  return call<List<JobEvent>>(`/jobs/${jobId}/log?${query}`);
}
