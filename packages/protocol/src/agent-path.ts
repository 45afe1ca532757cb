import { ProtocolError } from "./errors.ts";

/** Place of an agent in the tree of agents: `/root`, `/root/<name>/…`, or the single special `/morpheus`. */
export type AgentPath = string & { readonly __brand: "AgentPath" };

/** The agent the user talks to. */
export const ROOT_AGENT_PATH: AgentPath = "/root" as AgentPath;

const MORPHEUS = "/morpheus";
const NAME = /^[a-z0-9_]+$/;

const isName = (name: string): boolean => NAME.test(name) && name !== "root";

function invalid(what: string): ProtocolError {
  return new ProtocolError(
    "invalid_agent_path",
    `invalid agent path: ${what}; use /root or /root/<name>, names of a-z, 0-9 and _`,
  );
}

/**
 * Checks an absolute agent path.
 *
 * @throws {ProtocolError} `invalid_agent_path`, e.g. for a trailing slash, an empty or upper-case name, `..` or `root`
 * below the root.
 */
export function parseAgentPath(text: string): AgentPath {
  const [empty, first, ...names] = text.split("/");
  const isTree = empty === "" && first === "root" && names.every(isName);
  if (!isTree && text !== MORPHEUS) throw invalid("it is not absolute or has a bad name");
  return text as AgentPath;
}

/**
 * The path of a child.
 *
 * @throws {ProtocolError} `invalid_agent_path` for a bad name, or below `/morpheus`, which has no children.
 */
export function joinAgentPath(parent: AgentPath, name: string): AgentPath {
  if (!isName(name)) throw invalid("the name is empty, reserved or has other characters");
  return parseAgentPath(`${parent}/${name}`);
}

/**
 * The agent that `reference` means to the agent at `self`: an absolute path, or one or more names below `self`.
 *
 * @throws {ProtocolError} `invalid_agent_path` for anything else; `..` is never followed.
 */
export function resolveAgentPath(self: AgentPath, reference: string): AgentPath {
  return parseAgentPath(reference.startsWith("/") ? reference : `${self}/${reference}`);
}

/** Last segment of the path; `root` for the root. */
export function agentName(path: AgentPath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
