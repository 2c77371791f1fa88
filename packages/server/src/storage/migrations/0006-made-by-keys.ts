import type { Migration } from './migration.ts';

/** Which key made something: names of keys are not unique. What keys of one name made before is nobody's for certain. */
export const madeByKeys: Migration = {
  version: 6,
  name: 'made-by-keys',
  statements: ['api_keys', 'invitations', 'shares'].flatMap((table) => [
    `ALTER TABLE ${table} ADD COLUMN made_by_key {int}`,
    `UPDATE ${table} SET made_by_key = (SELECT min(made.id) FROM api_keys AS made WHERE 'key:' || made.name = ${table}.created_by)
      WHERE (SELECT count(*) FROM api_keys AS made WHERE 'key:' || made.name = ${table}.created_by) = 1`,
  ]),
};
