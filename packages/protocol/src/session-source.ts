import { ProtocolError } from "./errors.ts";
import type { Codec } from "./internal/codec.ts";
import { integer, oneOf, text } from "./internal/codec.ts";
import { nullable, objectOf, required, withAlias } from "./internal/object-codec.ts";
import { externalUnion } from "./internal/union-codec.ts";
import type { JsonValue } from "./json.ts";

/** Where a session comes from, in its wire form: externally tagged. */
export type SessionSource =
  | "cli"
  | "vscode"
  | "exec"
  | "mcp"
  | "unknown"
  | { readonly custom: string }
  | { readonly internal: "memory_consolidation" }
  | { readonly subagent: SubagentSource };

/** Origin of a subagent. */
export type SubagentSource =
  | "review"
  | "compact"
  | "memory_consolidation"
  | { readonly thread_spawn: ThreadSpawnSource }
  | { readonly other: string };

/** A thread that another thread started. */
export interface ThreadSpawnSource {
  readonly parent_thread_id: string;
  /** 1 for a child of the root thread. */
  readonly depth: number;
  readonly agent_path: string | null;
  readonly agent_nickname: string | null;
  readonly agent_role: string | null;
}

/** Who asked for a thread; any text but the listed ones names a feature (0.140 and later). */
export type ThreadSource = "user" | "subagent" | "memory_consolidation" | (string & {});

/** Which generation of the tools for several agents a session uses. */
export type MultiAgentVersion = "disabled" | "v1" | "v2";

const threadSpawnCodec: Codec<ThreadSpawnSource> = withAlias(
  objectOf<ThreadSpawnSource>({
    parent_thread_id: required(text),
    depth: required(integer),
    agent_path: nullable(text),
    agent_nickname: nullable(text),
    agent_role: nullable(text),
  }),
  "agent_type",
  "agent_role",
);

const subagentSourceCodec: Codec<SubagentSource> = externalUnion<SubagentSource>(
  oneOf(["review", "compact", "memory_consolidation"]),
  { thread_spawn: threadSpawnCodec, other: text },
);

export const sessionSourceCodec: Codec<SessionSource> = externalUnion<SessionSource>(
  oneOf(["cli", "vscode", "exec", "mcp", "unknown"]),
  { custom: text, internal: oneOf(["memory_consolidation"]), subagent: subagentSourceCodec },
  () => "unknown",
);

export const multiAgentVersionCodec: Codec<MultiAgentVersion> = oneOf(["disabled", "v1", "v2"]);

/**
 * Reads a source in its stored form. An unknown text is `"unknown"`; missing nullable members of a spawned thread
 * become `null`, and `agent_type` is accepted for `agent_role`. `undefined` for anything else.
 */
export function readSessionSource(value: unknown): SessionSource | undefined {
  return sessionSourceCodec.read(value);
}

/** The source as JSON, known members only. */
export function toWireSessionSource(source: SessionSource): JsonValue {
  return sessionSourceCodec.write(source);
}

const ARGUMENTS = new Map<string, SessionSource>([
  ["cli", "cli"],
  ["vscode", "vscode"],
  ["exec", "exec"],
  ["mcp", "mcp"],
  ["appserver", "mcp"],
  ["app-server", "mcp"],
  ["app_server", "mcp"],
  ["unknown", "unknown"],
]);

/**
 * The source a start-up argument names, in any letter case; an unknown name is a custom source.
 *
 * @throws {ProtocolError} `invalid_session_source` when the argument is blank.
 */
export function parseSessionSource(argument: string): SessionSource {
  const name = argument.trim().toLowerCase();
  if (name !== "") return ARGUMENTS.get(name) ?? { custom: name };
  throw new ProtocolError(
    "invalid_session_source",
    "invalid session source: give a name such as cli or exec",
  );
}

/** The source in one word, for logs and lists. */
export function sessionSourceText(source: SessionSource): string {
  if (typeof source === "string") return source;
  if ("custom" in source) return source.custom;
  if ("internal" in source) return `internal_${source.internal}`;
  return `subagent_${subagentText(source.subagent)}`;
}

function subagentText(source: SubagentSource): string {
  if (typeof source === "string") return source;
  if ("other" in source) return source.other;
  return `thread_spawn_${source.thread_spawn.parent_thread_id}_d${source.thread_spawn.depth}`;
}

/**
 * Kind of subagent, as the metadata of a request names it; `undefined` for sources that are no subagent.
 */
export function subagentKind(source: SessionSource): string | undefined {
  if (typeof source === "string" || !("subagent" in source)) return undefined;
  const { subagent } = source;
  if (typeof subagent === "string") return subagent;
  return "other" in subagent ? subagent.other : "thread_spawn";
}

/**
 * Value of the header `x-openai-subagent`: a spawned thread is `collab_spawn`, internal memory consolidation
 * `memory_consolidation`, any other subagent goes by its kind. `undefined` when the header is not sent.
 */
export function subagentHeaderValue(source: SessionSource): string | undefined {
  if (typeof source === "object" && "internal" in source) return source.internal;
  return spawnSource(source) === undefined ? subagentKind(source) : "collab_spawn";
}

function spawnSource(source: SessionSource): ThreadSpawnSource | undefined {
  if (typeof source === "string" || !("subagent" in source)) return undefined;
  const { subagent } = source;
  if (typeof subagent === "string" || !("thread_spawn" in subagent)) return undefined;
  return subagent.thread_spawn;
}

/** Thread that spawned this one; `undefined` for every other source. */
export function parentThreadId(source: SessionSource): string | undefined {
  return spawnSource(source)?.parent_thread_id;
}

/** True for subagents and internal jobs: nobody talks to them directly. */
export function isNonRootAgent(source: SessionSource): boolean {
  return typeof source === "object" && !("custom" in source);
}
