import type { JsonObject } from "@codex-ts/protocol";
import type { ToolNamespace } from "./tool.ts";

/** Definition of a group of tools in requests. */
export function namespaceSpec(
  { name, description = `Tools in the ${name} namespace.` }: ToolNamespace,
  tools: readonly JsonObject[],
): JsonObject {
  return { type: "namespace", name, description, tools: [...tools] };
}
