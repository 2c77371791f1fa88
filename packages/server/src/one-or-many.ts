import { plainSentence } from '@daybook/core';
import { z } from 'zod';

/**
 * A body that is one thing, or an object that holds many under `key`. Which of the two is decided by the key alone, so
 * that the faults reported are those of the form that the caller meant.
 */
export function oneOrMany<One extends z.ZodType, Many extends z.ZodType>(one: One, many: Many, key: string) {
  return z.unknown().transform((value, context): z.output<One> | z.output<Many> => {
    const schema = typeof value === 'object' && value !== null && key in value ? many : one;
    return judged<One | Many>(schema, value, context);
  });
}

/** What `read` knows at sight, and a schema for everything else: for bodies that come by the thousand. */
export function atSight<Schema extends z.ZodType>(
  read: (value: unknown) => z.output<Schema> | undefined,
  schema: Schema,
) {
  return z.unknown().transform((value, context) => read(value) ?? judged(schema, value, context));
}

function judged<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  context: z.core.$RefinementCtx,
): z.output<Schema> {
  const result = schema.safeParse(value, { error: plainSentence });
  if (result.success) return result.data;
  context.issues.push(...rawIssues(result.error));
  return z.NEVER;
}

/** The faults of a schema within another one, as they are: for `context.issues` of a transformation. */
export function rawIssues(error: z.ZodError | undefined): z.core.$ZodRawIssue[] {
  return (error?.issues ?? []).map((issue) => ({
    ...issue,
    path: [...issue.path],
    input: undefined,
  })) as never[];
}
