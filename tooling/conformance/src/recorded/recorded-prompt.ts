import type { ModelClientOptions, Prompt, RequestIdentity, RequestKind } from "@codex-ts/core";
import { isJsonObject, readResponseItem } from "@codex-ts/protocol";
import type {
  Compatibility,
  JsonObject,
  JsonValue,
  ResponseItem,
  SessionSource,
} from "@codex-ts/protocol";
import { clientExtras, readBlob } from "./recorded-turns.ts";
import type { RecordedRequest } from "./recorded-scenario.ts";

/** What the model was asked in a request. `input` replaces the one of the body, which may be a part only. */
export function recordedPrompt(
  { body }: RecordedRequest,
  input: readonly ResponseItem[] = recordedInput(body),
): Prompt {
  const members = isJsonObject(body) ? body : {};
  const answer = isJsonObject(members["text"]) ? members["text"] : {};
  const format = isJsonObject(answer["format"]) ? answer["format"] : {};
  return {
    instructions: text(members["instructions"]) ?? instructionsItemText(body) ?? "",
    input,
    tools: Array.isArray(members["tools"]) ? (members["tools"] as JsonObject[]) : [],
    parallelToolCalls: members["parallel_tool_calls"] === true,
    ...(format["schema"] !== undefined && { outputSchema: format["schema"] }),
  };
}

/** The items of a request body, read as items of a response are; without the one that holds the base instructions. */
export function recordedInput(body: JsonValue | undefined): ResponseItem[] {
  const input = isJsonObject(body) ? body["input"] : undefined;
  if (!Array.isArray(input)) return [];
  return readItems(input.slice(instructionsItemText(body) === undefined ? 0 : 1) as JsonValue[]);
}

/** Of 0.171, whose first item is a developer message with an id that was not made but derived. */
function instructionsItemText(body: JsonValue | undefined): string | undefined {
  const input = isJsonObject(body) ? body["input"] : undefined;
  const first = Array.isArray(input) ? (input[0] as JsonValue) : undefined;
  if (!isJsonObject(first) || !/^msg_.{14}5/.test(text(first["id"]) ?? "")) return undefined;
  const [part] = first["content"] as JsonObject[];
  return text(part?.["text"]);
}

/** Items in wire form, without those nobody could read. */
export function readItems(items: readonly (JsonValue | undefined)[]): ResponseItem[] {
  return items.map((item) => readResponseItem(item)).filter((item) => item !== undefined);
}

/** Who asked, and for which turn. */
export function recordedIdentity(request: RecordedRequest): RequestIdentity {
  const blob = readBlob(request);
  const startedMs = blob["turn_started_at_unix_ms"];
  return {
    turnId: text(blob["turn_id"]),
    requestKind: requestKind(blob),
    rootTurnId: text(blob["root_turn_id"]),
    parentTurnId: text(blob["parent_turn_id"]),
    turnTrigger: text(blob["turn_trigger"]),
    ...(typeof startedMs === "number" && { turnStartedAtUnixMs: startedMs }),
    extra: clientExtras(blob),
  };
}

function requestKind(blob: JsonObject): RequestKind {
  const { compaction } = blob;
  if (isJsonObject(compaction))
    return { type: "compaction", details: compaction } as unknown as RequestKind;
  return { type: blob["request_kind"] === "prewarm" ? "prewarm" : "turn" };
}

/** Settings of a client that are the same for all requests of a thread. */
export function recordedSettings(
  request: RecordedRequest,
  compatibility: Compatibility,
): Pick<
  ModelClientOptions,
  | "compatibility"
  | "threadSource"
  | "historyInitialization"
  | "sandboxMode"
  | "threadId"
  | "sessionId"
  | "installationId"
  | "parentThreadId"
  | "forkedFromThreadId"
  | "sessionSource"
  | "sandbox"
  | "reasoningEffort"
  | "reasoningSummary"
  | "verbosity"
  | "serviceTier"
> {
  const blob = readBlob(request);
  const body = isJsonObject(request.body) ? request.body : {};
  const reasoning = isJsonObject(body["reasoning"]) ? body["reasoning"] : {};
  const format = isJsonObject(body["text"]) ? body["text"] : {};
  return {
    compatibility,
    threadSource: text(blob["thread_source"]),
    historyInitialization: text(blob["history_initialization"]) as "new" | undefined,
    sandboxMode: text(blob["sandbox_mode"]) as "danger-full-access" | undefined,
    threadId: text(blob["thread_id"]) ?? "",
    sessionId: text(blob["session_id"]),
    installationId: text(blob["installation_id"]) ?? "",
    parentThreadId: text(blob["parent_thread_id"]),
    forkedFromThreadId: text(blob["forked_from_thread_id"]),
    sessionSource: sessionSource(blob),
    sandbox: text(blob["sandbox"]),
    reasoningEffort: text(reasoning["effort"]),
    reasoningSummary: (text(reasoning["summary"]) ?? "none") as "auto" | "none",
    verbosity: text(format["verbosity"]) as "low" | undefined,
    serviceTier: text(body["service_tier"]),
  };
}

function sessionSource(blob: JsonObject): SessionSource {
  const parent = text(blob["parent_thread_id"]) ?? "";
  switch (blob["subagent_kind"]) {
    case undefined:
      return "exec";
    case "thread_spawn":
      return {
        subagent: {
          thread_spawn: {
            parent_thread_id: parent,
            depth: 1,
            agent_path: text(blob["agent_name"]) ?? null,
            agent_nickname: null,
            agent_role: null,
          },
        },
      };
    case "review":
      return { subagent: "review" };
    default:
      return { subagent: { other: text(blob["subagent_kind"]) ?? "" } };
  }
}

/** Id of the context window, where the generation has one. */
export function recordedContextWindow(request: RecordedRequest): string | undefined {
  return text(readBlob(request)["context_window_id"]);
}

/** Generation of the context window, the number behind the thread id. */
export function windowGeneration(request: RecordedRequest): number {
  return Number(text(readBlob(request)["window_id"])?.split(":").at(-1) ?? 0);
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
