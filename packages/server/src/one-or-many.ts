import { z } from 'zod';

/**
 * A body that is one thing, or an object that holds many under `key`. Which of the two is decided by the key alone, so
 * that the faults reported are those of the form that the caller meant.
 */
export function oneOrMany<One extends z.ZodType, Many extends z.ZodType>(one: One, many: Many, key: string) {
  return z.unknown().transform((value, context): z.output<One> | z.output<Many> => {
    const schema = typeof value === 'object' && value !== null && key in value ? many : one;
    const result = schema.safeParse(value);
    if (result.success) return result.data as z.output<One> | z.output<Many>;
    context.issues.push(...(result.error.issues.map((issue) => ({ ...issue, input: undefined })) as never[]));
    return z.NEVER;
  });
}
