import { InvalidTimeError, parseDuration } from '@daybook/core';
import { InvalidArgumentError } from 'commander';

/** Reads the value of an option that is a length of time, such as `90m`, into milliseconds. */
export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof InvalidTimeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
