import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isJsonObject, readModelInfo } from "@codex-ts/protocol";
import type { JsonObject, JsonValue, ModelInfo } from "@codex-ts/protocol";
import { bytes, close, disconnect, end, hang, rawEvent } from "@codex-ts/responses-server";
import type { RawTraceEvent } from "@codex-ts/rollout-trace";
import type { Exchange, Handshake, Step } from "@codex-ts/responses-server";

const BUNDLES = fileURLToPath(
  new URL("../../../../../shared/conformance/bundles/0.140.0/", import.meta.url),
);

/** Whether the recorded runs of the real client are there to compare with. */
export const hasRecordedRuns: boolean = existsSync(BUNDLES);

export interface RecordedRequest {
  readonly transport: "http" | "ws";
  readonly kind: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: JsonObject;
}

/** One turn as its requests show it. */
interface RecordedTurn {
  readonly input: string;
  readonly extras: Readonly<Record<string, string>>;
  readonly outputSchema: JsonValue | undefined;
}

/** A recorded run: what the real client was served, and what it sent. */
export interface RecordedRun {
  readonly requests: readonly RecordedRequest[];
  readonly handshakes: readonly RecordedRequest[];
  readonly script: readonly Exchange[];
  readonly answeredHandshakes: readonly Handshake[];
  readonly model: ModelInfo;
  readonly turns: readonly RecordedTurn[];
  readonly traceEvents: readonly RawTraceEvent[];
}

export function loadRecordedRun(scenario: string): RecordedRun {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(`${BUNDLES}${scenario}/${file}`, "utf8"));
  const sent = withTools(read("requests.json") as NumberedRequest[]);
  const served = read("served.json") as ServedAnswer[];
  const kinds = new Map(sent.map((request) => [request.n, request.kind]));
  const requests = sent.filter((request) => isJsonObject(request.body) && "input" in request.body);
  const model = readModelInfo((read("scenario.json") as { model: unknown[] }).model[0]);
  if (model === undefined) throw new Error(`the model of ${scenario} does not parse`);
  return {
    requests,
    handshakes: sent.filter((request) => request.kind === "handshake"),
    script: served.filter((answer) => kinds.get(answer.request) !== "handshake").map(toExchange),
    answeredHandshakes: served
      .filter((answer) => kinds.get(answer.request) === "handshake")
      .map(({ status = 101, headers = {} }) => ({ status, headers, requestId: null })),
    model,
    turns: turnsOf(requests),
    traceEvents: readFileSync(`${BUNDLES}${scenario}/trace.jsonl`, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as RawTraceEvent),
  };
}

interface NumberedRequest extends RecordedRequest {
  readonly n: number;
}

/** A list of tools an earlier request had is only named in the later ones. */
function withTools(requests: readonly NumberedRequest[]): NumberedRequest[] {
  const bodyOf = ({ body }: NumberedRequest): JsonObject => (isJsonObject(body) ? body : {});
  const tools = new Map(requests.map((request) => [request.n, bodyOf(request)["tools"] ?? null]));
  return requests.map((request) => {
    const named = bodyOf(request)["tools"];
    const earlier = isJsonObject(named)
      ? tools.get(named["$same_as_request"] as number)
      : undefined;
    return earlier === undefined
      ? request
      : { ...request, body: { ...bodyOf(request), tools: earlier } };
  });
}

interface ServedAnswer {
  readonly request: number;
  readonly transport: "http" | "ws";
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly sse?: readonly JsonObject[];
  readonly body?: JsonObject;
  readonly end?: string;
}

/** The recorded headers are all there were. */
const AS_RECORDED = { requestId: null, openaiModel: null };

function toExchange(answer: ServedAnswer): Exchange {
  const { status = 200, headers = {} } = answer;
  const head = { ...AS_RECORDED, status, headers };
  if (answer.sse === undefined) return { ...head, body: answer.body ?? null };
  return {
    ...head,
    transport: answer.transport === "ws" ? "websocket" : "http",
    events: [...answer.sse.map(toStep), endStep(answer.end)],
  };
}

/** Events that were no typed event are recorded as their text. */
function toStep(event: JsonObject): Step {
  return typeof event["raw"] === "string" ? bytes(event["raw"]) : rawEvent(event);
}

function endStep(how = "end"): Step {
  if (how === "destroy") return disconnect();
  if (how === "hang" || how === "client_gone") return hang();
  return how.startsWith("close") ? close(Number(how.slice(6)) || 1000) : end();
}

/** Keys of the blob that the client owns; others came from whoever drove it. */
const OWNED = new Set([
  "installation_id",
  "session_id",
  "thread_id",
  "turn_id",
  "window_id",
  "request_kind",
  "sandbox",
  "turn_started_at_unix_ms",
]);

function turnsOf(requests: readonly RecordedRequest[]): RecordedTurn[] {
  const turns = new Map<string, RecordedTurn>();
  for (const { body } of requests) {
    const blob = blobOf(body);
    const turnId = blob["turn_id"] as string;
    if (turnId === "" || turns.has(turnId)) continue;
    const last = (body["input"] as JsonObject[]).findLast((item) => item["role"] === "user");
    const content = last?.["content"] as JsonObject[];
    const format = isJsonObject(body["text"]) ? body["text"]["format"] : undefined;
    turns.set(turnId, {
      input: content[0]?.["text"] as string,
      extras: Object.fromEntries(
        Object.entries(blob).filter(([key]) => !OWNED.has(key)) as [string, string][],
      ),
      outputSchema: isJsonObject(format) ? format["schema"] : undefined,
    });
  }
  return [...turns.values()];
}

export function blobOf(body: JsonObject): JsonObject {
  const metadata = body["client_metadata"] as JsonObject;
  return JSON.parse(metadata["x-codex-turn-metadata"] as string) as JsonObject;
}
