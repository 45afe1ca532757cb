/** A patch in a shell command. */
export interface ShellPatch {
  /** The text between the marks of the heredoc, as it is written: the shell would expand it where the mark is not quoted. */
  readonly patch: string;
  /** Where the command goes first (`cd DIR && apply_patch …`); relative to its working directory. `undefined` for nowhere. */
  readonly directory: string | undefined;
}

/** Assignments before a command. */
const ASSIGNMENTS = String.raw`(?:[A-Za-z_]\w*=[^\s'"$\x60\\()&|;<>]*[ \t]+)*`;
/** A word with nothing in it that the shell would expand. */
const WORD = String.raw`(?:[^\s'"$\x60\\()&|;<>~*?\[\]{}#!-]|\\[^\n])(?:[^\s'"$\x60\\()&|;<>*?\[\]{}!]|\\[^\n])*`;
const QUOTED = String.raw`'[^'\n]*'|"[^"$\x60\\\n]*"`;
const CHANGE_DIRECTORY = String.raw`cd[ \t]+(?<directory>${WORD}|${QUOTED})[ \t]*&&\s*`;
const COMMAND = String.raw`${ASSIGNMENTS}apply_?patch`;
const ARGUMENTS = String.raw`(?:[ \t]+(?:[^\s'"$\x60\\()&|;<>]+|${QUOTED}))*`;
const HEREDOC = String.raw`[ \t]*<<(?<dash>-?)[ \t]*(?:'(?<single>[^'\n]+)'|"(?<double>[^"\n]+)"|\\?(?<bare>[^\s'"\\$\x60()&|;<>]+))[ \t]*\n`;

const HEAD = new RegExp(`^\\s*(?:${CHANGE_DIRECTORY}${COMMAND}${ARGUMENTS}|${COMMAND})${HEREDOC}`);

/**
 * The patch of a shell command that does nothing but apply one: `apply_patch <<'EOF' … EOF`, maybe after `cd DIR &&`. `undefined` for any
 * other command, also for one that does something beside it.
 */
export function findShellPatch(command: string): ShellPatch | undefined {
  const head = HEAD.exec(command);
  if (head === null) return undefined;
  const { directory, dash, single, double, bare } = head.groups ?? {};
  const mark = single ?? double ?? bare;
  const lines = command.slice(head[0].length).split("\n");
  const end = lines.findIndex((line) => (dash === "-" ? line.replace(/^\t+/, "") : line) === mark);
  if (end === -1 || lines.slice(end + 1).some((line) => line.trim() !== "")) return undefined;
  return {
    patch: lines.slice(0, end).join("\n"),
    directory: directory === undefined ? undefined : unquoted(directory),
  };
}

function unquoted(word: string): string {
  if (/^['"]/.test(word)) return word.slice(1, -1);
  return word.replaceAll(/\\(.)/g, "$1");
}
