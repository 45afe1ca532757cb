import type { JsonObject } from "@codex-ts/protocol";

const USER: JsonObject = { type: "user" };
const SKILLS: JsonObject = { type: "skills" };
const HARNESS: JsonObject = { type: "harness", hook: false };
const AGENTS: JsonObject = { type: "tool", namespace: "collaboration" };

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
  kinds: readonly string[],
): readonly ContentItemMetadata[] | undefined {
  const provenances = kinds.map((kind) => PROVENANCES.get(kind));
  const known = provenances.filter((provenance) => provenance !== undefined);
  if (known.length < kinds.length) return undefined;
  return known.map((provenance) => ({ provenance }));
}
