import { isJsonObject, readAskForApproval } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { readSkillsBody } from "../context/skills/skills-instructions.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { CollaborationMode } from "../turn/collaboration-mode.ts";
import type { ApprovalPolicy, SandboxMode } from "../policies.ts";

/**
 * The context of a turn as its `turn_context` line and, in 0.171, the `world_state` before it tell it. Settings that
 * mean nothing here count as the nearest that do. `undefined` when the line is not readable.
 */
export function readContext(
  turn: JsonObject,
  worldState: JsonObject | undefined,
): RecordedContext | undefined {
  const { cwd, model, summary } = turn;
  if (typeof cwd !== "string" || typeof model !== "string") return undefined;
  const environments = object(worldState?.["environments"]);
  const local = object(object(environments?.["environments"])?.["local"]);
  const agents = object(worldState?.["agents_md"]);
  return {
    turnId: text(turn["turn_id"]) ?? "",
    cwd,
    model,
    compHash: text(turn["comp_hash"]),
    approvalPolicy: readApprovalPolicy(turn["approval_policy"]),
    sandboxMode: readSandboxMode(object(turn["sandbox_policy"])?.["type"]),
    shell: text(local?.["shell"]),
    currentDate: text(turn["current_date"]) ?? text(environments?.["current_date"]),
    timezone: text(turn["timezone"]) ?? text(environments?.["timezone"]),
    reasoningEffort: text(turn["effort"]),
    reasoningSummary: readSummary(summary),
    mode: readMode(object(turn["collaboration_mode"])),
    userInstructions: text(agents?.["text"]),
    skills: readSkills(object(worldState?.["host_skills"])),
    deferredTools: worldState && readTexts(object(worldState["tools"])),
  };
}

/** No list: the model has read of none. */
function readSkills(skills: JsonObject | undefined): RecordedContext["skills"] {
  const body = text(skills?.["body"]);
  return body === undefined ? skills && [] : readSkillsBody(body);
}

/** The members that are texts. */
export function readTexts(members: JsonObject = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

function readMode(mode: JsonObject | undefined): CollaborationMode {
  const instructions = text(object(mode?.["settings"])?.["developer_instructions"]);
  return {
    kind: mode?.["mode"] === "plan" ? "plan" : "default",
    ...(instructions !== undefined && { instructions }),
  };
}

function readApprovalPolicy(value: JsonValue | undefined): ApprovalPolicy {
  return readAskForApproval(value) ?? "on-request";
}

function readSandboxMode(value: JsonValue | undefined): SandboxMode {
  return value === "read-only" || value === "workspace-write" ? value : "danger-full-access";
}

function readSummary(value: JsonValue | undefined): RecordedContext["reasoningSummary"] {
  return typeof value === "string" ? value : "auto";
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function object(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}
