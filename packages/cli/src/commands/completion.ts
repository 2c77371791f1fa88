import { Argument, Command } from 'commander';
import { print, type Terminal } from '../terminal/terminal.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

export function completionCommand(terminal: Terminal, root: () => Command): Command {
  return new Command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .action((shell: Shell) => print(terminal, completionScript(shell, root())))
    .addHelpText(
      'after',
      `
  bash   daybook completion bash > ~/.local/share/bash-completion/completions/daybook
  zsh    daybook completion zsh > "\${fpath[1]}/_daybook"
  fish   daybook completion fish > ~/.config/fish/completions/daybook.fish`,
    );
}

/** A place on the command line: the words that lead to it, and what may come next. */
interface Place {
  readonly words: string;
  readonly next: readonly { word: string; about: string }[];
}

export function completionScript(shell: Shell, root: Command): string {
  const places = placesOf(root, []);
  switch (shell) {
    case 'bash':
      return bashScript(places);
    case 'zsh':
      return `#compdef daybook\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(places)}`;
    case 'fish':
      return fishScript(places);
  }
}

function placesOf(command: Command, words: readonly string[]): Place[] {
  const commands = command.commands.map((each) => ({ word: each.name(), about: each.description() }));
  const options = command.options.map((each) => ({ word: each.long ?? each.flags, about: each.description }));
  const choices = command.registeredArguments.flatMap((argument) =>
    (argument.argChoices ?? []).map((word) => ({ word, about: '' })),
  );
  const here = { words: words.join(' '), next: [...commands, ...choices, ...options] };
  return [here, ...command.commands.flatMap((each) => placesOf(each, [...words, each.name()]))];
}

function bashScript(places: readonly Place[]): string {
  const cases = places.map(
    ({ words, next }) => `    '${words}') next='${next.map(({ word }) => word).join(' ')}' ;;`,
  );
  return `# daybook completion for bash
_daybook() {
  local place='' next='' word n
  for ((n = 1; n < COMP_CWORD; n++)); do
    word="\${COMP_WORDS[n]}"
    if [[ $word == -- ]]; then COMPREPLY=($(compgen -c -f -- "\${COMP_WORDS[COMP_CWORD]}")); return; fi
    if [[ $word != -* ]]; then
      case "\${place:+$place }$word" in
${places
  .filter(({ words }) => words !== '')
  .map(({ words }) => `        '${words}') place='${words}' ;;`)
  .join('\n')}
      esac
    fi
  done
  case "$place" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _daybook daybook
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ words, next }) => {
    const inner = places.filter(
      (place) => place.words.startsWith(words === '' ? '' : `${words} `) && place.words !== words,
    );
    const deeper = inner.map((place) => place.words.slice(words.length).trim().split(' ')[0]);
    const seen = words
      .split(' ')
      .filter(Boolean)
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const notDeeper =
      deeper.length > 0 ? [`not __fish_seen_subcommand_from ${[...new Set(deeper)].join(' ')}`] : [];
    const condition = [...seen, ...notDeeper].join('; and ') || 'true';
    return next.map(({ word, about }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c daybook -f -n '${condition}' ${what} -d '${about.replaceAll("'", '’')}'`;
    });
  });
  return `# daybook completion for fish\n${lines.join('\n')}\n`;
}
