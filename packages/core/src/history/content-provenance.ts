import type { JsonObject } from "@codex-ts/protocol";

const USER: JsonObject = { type: "user" };
const SKILLS: JsonObject = { type: "skills" };
const HARNESS: JsonObject = { type: "harness", hook: false };
const AGENTS: JsonObject = { type: "tool", namespace: "collaboration" };

/** The kind of a part of a message; of one that a group of tools brings, also the name of the group. */
export type ContentKind = string | { readonly kind: string; readonly namespace: string };

/** The kind as items say it. */
export function kindName(kind: ContentKind): string {
  return typeof kind === "string" ? kind : kind.kind;
}

/** Who wrote a part of a message, by its kind. Source: prompts recorded, and session files kept, by 0.171. */
const PROVENANCES: ReadonlyMap<string, JsonObject> = new Map([
  ["user.text", USER],
  ["user.image", USER],
  ["agents_md.instructions", { type: "agents_md" }],
  [
    "generic.developer_instructions",
    { type: "developer_instructions", from_additional_requirements: false },
  ],
  ["permissions.instructions", HARNESS],
  ["environments.environment_context", HARNESS],
  ["generic.turn_aborted", HARNESS],
  ["model_switch.instructions", HARNESS],
  ["model.base_instructions", HARNESS],
  ["model.instructions", HARNESS],
  ["tools.deferred_namespaces", { type: "tool", namespace: "tool_search" }],
  ["tools.incremental_update", HARNESS],
  ["tools.removed_definition", HARNESS],
  ["host_skills.instructions", SKILLS],
  ["skills.selected_skill_instructions", SKILLS],
  ["compaction.summary", HARNESS],
  ["shell.user_command", HARNESS],
  ["multi_agent.usage_hint", AGENTS],
  ["multi_agent.mode_instructions", AGENTS],
  ["multi_agent.subagent_notification", AGENTS],
]);

/** Facts about the parts of a message of another agent. */
export function agentMessageMetadata(parts: number): readonly ContentItemMetadata[] {
  return Array.from({ length: parts }, () => ({ provenance: AGENTS }));
}

/** Facts about one part of a message; traces keep it, and requests for responses-lite models have it. */
export interface ContentItemMetadata extends JsonObject {
  readonly provenance: JsonObject;
}

/** Facts about the parts of a message, in their order; `undefined` unless the kind of each says who wrote it. */
export function contentItemMetadata(
  kinds: readonly ContentKind[],
): readonly ContentItemMetadata[] | undefined {
  const provenances = kinds.map((kind) =>
    typeof kind === "string" ? PROVENANCES.get(kind) : { type: "tool", namespace: kind.namespace },
  );
  const known = provenances.filter((provenance) => provenance !== undefined);
  if (known.length < kinds.length) return undefined;
  return known.map((provenance) => ({ provenance }));
}
