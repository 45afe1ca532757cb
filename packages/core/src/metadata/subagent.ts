import { subagentHeaderValue } from "@codex-ts/api";
import type { SessionSource } from "@codex-ts/protocol";

/** `subagent_kind` of the metadata blob: the name of the source itself, for real sub-agents only. */
export function subagentKind(source: SessionSource): string | undefined {
  if (typeof source === "string" || !("subagent" in source)) return undefined;
  const kind = source.subagent;
  if (typeof kind === "string") return kind;
  return "thread_spawn" in kind ? "thread_spawn" : kind.other;
}

/** Parent of a spawned thread, as its source says. A review thread is told its parent by whoever starts it. */
export function spawnParentThreadId(source: SessionSource): string | undefined {
  if (typeof source === "string" || !("subagent" in source)) return undefined;
  const kind = source.subagent;
  return typeof kind === "object" && "thread_spawn" in kind
    ? kind.thread_spawn.parent_thread_id
    : undefined;
}

/** Headers that tell the server which sub-agent asks, and nothing else. Used alone by memory requests. */
export function subagentHeaders(source: SessionSource): (readonly [string, string])[] {
  const label = subagentHeaderValue(source);
  const headers: (readonly [string, string])[] = [];
  if (label !== undefined) headers.push(["x-openai-subagent", label]);
  if (typeof source === "object" && "internal" in source) {
    headers.push(["x-openai-memgen-request", "true"]);
  }
  return headers;
}
