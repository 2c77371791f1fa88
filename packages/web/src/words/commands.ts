/** Commands to copy, as the manual has them: they run in the folder of the repository. */
export const daybook = 'npm exec -- daybook';

/** What every command needs first: where this diary is, and a key. */
export function settingsOf(key = '…'): string {
  return `export DAYBOOK_URL=${location.origin} DAYBOOK_API_KEY=${key}`;
}
