import { release } from '@daybook/core';
import { STATUS_CODES } from '../../http/status-codes.ts';
import type { Dialect } from '../../route.ts';

/** Errors as clients of Pacifica Ingest know them; the traceback stays empty: internals are shown to nobody. */
export const pacifica: Dialect = {
  name: 'pacifica',
  answerError({ status, message, faults }) {
    const details = faults.map((fault) =>
      fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`,
    );
    return {
      status,
      body: {
        status: `${status} ${STATUS_CODES[status] ?? 'Error'}`,
        message: details.length > 0 ? `${message}: ${details.slice(0, 3).join('; ')}` : message,
        traceback: '',
        version: release,
      },
    };
  },
};

/** What `GET /` says to whoever asks for JSON. */
export const greeting = { message: 'Pacifica Ingest Up and Running' } as const;
