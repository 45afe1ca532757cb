/** A program of a page: the fence names its file, and a fence of `text` behind it holds what it prints. */
const PROGRAM = /^```ts (examples\/[\w-]+\.ts)\n[\s\S]*?^```\n(?:\n```text\n[\s\S]*?^```\n)?/gm;
/** A program of another place, whose output a test of its own compares. */
const SOURCE = /^```ts ((?:apps|packages)\/[\w/-]+\.ts)\n[\s\S]*?^```\n/gm;
/** A help text: the fence names the command. */
const HELP = /^```text (codex-ts(?: [\w-]+)*) --help\n[\s\S]*?^```\n/gm;

/** The page with programs, their output and help texts as they are now. */
export function withPrograms(
  page: string,
  programs: {
    readonly show: (file: string) => string;
    readonly source: (file: string) => string;
    readonly help: (command: string) => string;
  },
): string {
  return page
    .replaceAll(PROGRAM, (_shown, file: string) => programs.show(file))
    .replaceAll(
      SOURCE,
      (_shown, file: string) => `\`\`\`ts ${file}\n${programs.source(file)}\`\`\`\n`,
    )
    .replaceAll(
      HELP,
      (_shown, command: string) =>
        `\`\`\`text ${command} --help\n${programs.help(command)}\`\`\`\n`,
    );
}
