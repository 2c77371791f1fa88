/** Who did something, as people call them: `user:doea` is doea, `key:ci` is ci; Daybook itself has its name. */
export function actorName(actor: string): string {
  if (actor === 'daybook') return 'Daybook';
  return actor.replace(/^(?:user|key):/, '');
}
