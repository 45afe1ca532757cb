/** Path of the thread a person talks to. */
export const ROOT_PATH = "/root";

const RESERVED: ReadonlySet<string> = new Set(["root", ".", ".."]);
const NAME = /^[a-z0-9_]+$/;

/** Why an agent cannot have this name; `undefined` when it can. Machine-read texts, the same in Codex. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "agent_name must not be empty";
  if (RESERVED.has(name)) return `agent_name \`${name}\` is reserved`;
  if (name.includes("/")) return "agent_name must not contain `/`";
  if (NAME.test(name)) return undefined;
  return "agent_name must use only lowercase letters, digits, and underscores";
}

/** The path an agent at `from` means by `target`, which may begin at the root or at that agent. */
export function resolveAgentPath(
  target: string,
  from: string,
): { readonly path: string } | { readonly problem: string } {
  if (target === "") return { problem: "agent path must not be empty" };
  if (target === ROOT_PATH) return { path: ROOT_PATH };
  const isAbsolute = target.startsWith("/");
  if (isAbsolute && !target.startsWith(`${ROOT_PATH}/`)) {
    return { problem: "absolute agent paths must start with `/root` or be `/morpheus`" };
  }
  const names = (isAbsolute ? target.slice(ROOT_PATH.length + 1) : target).split("/");
  const problem = names.map(nameProblem).find((found) => found !== undefined);
  if (problem !== undefined) return { problem };
  return { path: [isAbsolute ? ROOT_PATH : from, ...names].join("/") };
}

/** Whether an agent is another one's descendant, or that one itself. */
export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

/** The last name of a path. */
export function taskName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
