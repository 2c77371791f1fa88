import { DaybookError } from '@daybook/core';
import type { Dialect } from '../../route.ts';

/** Errors as clients of trackerapi know them: `{"detail": "..."}`, with all faults of a body in `errors`. */
export const tracker: Dialect = {
  name: 'tracker',
  answerError(error) {
    const faults = error.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    return {
      status: wireStatusOf(error),
      body: {
        detail: faults.length > 0 ? `${error.message}: ${faults.slice(0, 3).join('; ')}` : error.message,
        ...(faults.length > 0 && { errors: error.faults }),
      },
    };
  },
};

/** This surface says 400 where the native API distinguishes why something contradicts what is stored. */
function wireStatusOf({ status }: DaybookError): number {
  return [409, 422, 428].includes(status) ? 400 : status;
}

/** A request that is not understood, with a sentence of its own. */
export function badRequest(message: string): DaybookError {
  return new DaybookError('invalid_request', message);
}
