import type { SessionContent, SandboxMode } from "@codex-ts/core";
import { readAskForApproval } from "@codex-ts/protocol";
import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import type { ThreadOverrides } from "../params/method-params.ts";
import { readKeptTurn } from "../params/read-params.ts";
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
  const last = content?.lines.findLast(({ type }) => type === "turn_context");
  if (last === undefined) return params;
  const turn = readKeptTurn(last.payload);
  return {
    ...params,
    ...(params.model === undefined && {
      model: turn.model,
      config: withEffort(turn.effort, params.config),
    }),
    ...(generation === "0.171" && {
      cwd: params.cwd ?? turn.cwd,
      approvalPolicy: params.approvalPolicy ?? readAskForApproval(last.payload["approval_policy"]),
      sandbox: params.sandbox ?? turn.sandbox_policy?.type,
    }),
  };
}

function withEffort(
  effort: string | undefined,
  config: JsonObject | undefined,
): JsonObject | undefined {
  return effort === undefined ? config : { model_reasoning_effort: effort, ...config };
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
