import type { JsonObject } from "@codex-ts/protocol";

/** The `type` member of a wire object; `untyped` when it has none. */
export function typeName({ type }: JsonObject): string {
  return typeof type === "string" ? type : "untyped";
}
