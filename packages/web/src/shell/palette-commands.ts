/** Something that the palette can do. */
export interface Command {
  readonly label: string;
  /** Its key, where it has one. */
  readonly keys?: string;
  readonly hint?: string;
  readonly run: () => void;
}

/**
 * The commands in whose label every typed word stands, those first in which it begins a word. Of two with the same key the
 * later one counts, as it does for the key itself.
 */
export function commandsLike(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const reachable = commands.filter(
    ({ keys }, index) =>
      keys === undefined || !commands.slice(index + 1).some((later) => later.keys === keys),
  );
  const ranked = reachable.flatMap((command) => {
    const label = command.label.toLowerCase();
    if (!words.every((word) => label.includes(word))) return [];
    const begins = words.filter((word) => ` ${label}`.includes(` ${word}`)).length;
    return [{ command, begins }];
  });
  return ranked.sort((a, b) => b.begins - a.begins).map(({ command }) => command);
}
