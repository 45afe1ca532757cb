import type { SessionContent, SandboxMode } from "@codex-ts/core";
import { isJsonObject, readAskForApproval } from "@codex-ts/protocol";
import type { Compatibility, JsonObject, JsonValue } from "@codex-ts/protocol";
import type { ThreadOverrides } from "../params/method-params.ts";
import type { ThreadSettingsFacts } from "../wire/settings.ts";

/** Settings that a client may choose for a thread. */
type Wishes = Pick<ThreadOverrides, "cwd" | "model" | "approvalPolicy" | "sandbox" | "config">;

/**
 * The wishes of a client that goes on with a session, with the settings of its last turn for what they leave out: model and
 * effort, in 0.171 also directory, approvals and sandbox. Source: runs of 0.140 and 0.171.
 */
export function withKeptSettings<Params extends Wishes>(
  params: Params,
  content: SessionContent | undefined,
  generation: Compatibility,
): Params {
  const turn = content?.lines.findLast(({ type }) => type === "turn_context")?.payload;
  if (turn === undefined) return params;
  return {
    ...params,
    ...(params.model === undefined && keptModel(params, turn)),
    ...(generation === "0.171" && {
      cwd: params.cwd ?? text(turn["cwd"]),
      approvalPolicy: params.approvalPolicy ?? readAskForApproval(turn["approval_policy"]),
      sandbox: params.sandbox ?? sandboxOf(turn["sandbox_policy"]),
    }),
  };
}

function keptModel({ config }: Wishes, turn: JsonObject): Pick<Wishes, "model" | "config"> {
  const effort = text(turn["effort"]);
  return {
    model: text(turn["model"]),
    config: effort === undefined ? config : { model_reasoning_effort: effort, ...config },
  };
}

/** The settings of a thread as its turns have changed them, as wishes for one that takes its place. */
export function settingsAsWishes(
  { cwd, model, approvalPolicy, sandboxMode, reasoningEffort: effort }: ThreadSettingsFacts,
  config: JsonObject | undefined,
): Pick<Wishes, "cwd" | "model" | "approvalPolicy" | "config"> & {
  readonly sandboxMode: SandboxMode;
} {
  const chosen = effort === undefined ? config : { ...config, model_reasoning_effort: effort };
  return { cwd, model, approvalPolicy, sandboxMode, config: chosen };
}

function sandboxOf(policy: JsonValue | undefined): SandboxMode | undefined {
  const type = isJsonObject(policy) ? policy["type"] : undefined;
  return type === "read-only" || type === "workspace-write" || type === "danger-full-access"
    ? type
    : undefined;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
