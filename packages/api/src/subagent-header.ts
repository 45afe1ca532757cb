import type { SessionSource } from "@codex-ts/protocol";

/**
 * Value of `x-openai-subagent` for requests of a session, `undefined` when it is no sub-agent's. Internal sessions
 * carry their own header value too. Source: api.md 2.3.
 */
export function subagentHeaderValue(source: SessionSource): string | undefined {
  if (typeof source === "string" || "custom" in source) return undefined;
  if ("internal" in source) return source.internal;
  const { subagent } = source;
  if (typeof subagent === "string") return subagent;
  return "other" in subagent ? subagent.other : "collab_spawn";
}
