/** All commands, and no more: what a user types never becomes part of a file name. */
export const COMMANDS: ReadonlySet<string> = new Set([
  "exec",
  "exec resume",
  "exec fork",
  "exec review",
  "chat",
  "resume",
  "login",
  "login status",
  "logout",
  "mcp",
  "mcp add",
  "mcp get",
  "mcp list",
  "mcp login",
  "mcp logout",
  "mcp remove",
  "trace",
  "trace reduce",
  "trace show",
  "trace doctor",
  "trace ledger",
  "trace view",
  "trace diff",
  "trace list",
  "trace tail",
  "debug",
  "debug trace-reduce",
  "app-server",
  "config",
  "config show",
  "features",
  "features list",
  "doctor",
  "completion",
  "demo",
]);

/** Everything else: options first, mistakes. */
const OTHER = "other";

/**
 * Name of the command that `args` ask for, as part of a file name. Compiled code is kept for each command by itself,
 * because it holds what one run of it used.
 */
export function commandBucket(args: readonly string[]): string {
  const [first = "demo", second = ""] = args[0] === "--" ? args.slice(1) : args;
  const command = [`${first} ${second}`, first].find((words) => COMMANDS.has(words));
  return command === undefined ? OTHER : command.replace(" ", "-");
}
