import { DaybookError } from '@daybook/core';
import type { Dialect } from '../../route.ts';

/** Errors as clients of the microdata job service know them: `{"message"}`, with `details` for a validation error. */
export const microdata: Dialect = {
  name: 'microdata',
  answerError(error) {
    const details = error.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    return {
      status: wireStatusOf(error),
      body: {
        message: details.length > 0 ? `${error.message}: ${details.slice(0, 3).join('; ')}` : error.message,
        ...(details.length > 0 && { details: error.faults }),
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
