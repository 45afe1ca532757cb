import { subagentHeaderValue } from "@codex-ts/protocol";
import type { SessionSource } from "@codex-ts/protocol";

/** Headers that name the subagent of a request, and nothing else. Memory requests have no other identity. */
export function subagentHeaders(source: SessionSource): (readonly [string, string])[] {
  const label = subagentHeaderValue(source);
  const headers: (readonly [string, string])[] = [];
  if (label !== undefined) headers.push(["x-openai-subagent", label]);
  if (typeof source === "object" && "internal" in source) {
    headers.push(["x-openai-memgen-request", "true"]);
  }
  return headers;
}
