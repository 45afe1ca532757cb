import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { HeaderPairs, ObservedRequest, ObservedRun } from "../compare/observed-run.ts";
import { typeName } from "../compare/type-name.ts";

/** The recordings lie beside the repository, or are not there at all. */
const BUNDLES = fileURLToPath(
  new URL("../../../../../shared/conformance/bundles/", import.meta.url),
);

/** The version whose requests ours are. */
const VERSION = "0.140.0";

/** Where the recorder put its server and its folders, in the neutral form they have in the recordings. */
export const RECORDED_PLACES = {
  host: "127.0.0.1:4010",
  workspace: "/workspace",
  home: "/codex-home",
} as const;

/** One message of a recording. */
export interface RecordedRequest {
  readonly n: number;
  readonly transport: "http" | "ws";
  readonly kind:
    | "responses"
    | "compact"
    | "models"
    | "handshake"
    | "prewarm"
    | "closed"
    | "other"
    | "other_frame";
  readonly method?: string;
  readonly path?: string;
  readonly headers?: HeaderPairs;
  readonly body?: JsonValue;
}

/** What the recorder's server answered to one of them. */
export interface RecordedAnswer {
  /** `n` of the request. */
  readonly request: number;
  readonly transport: "http" | "ws";
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Events; `{ raw }` for bytes that are none. */
  readonly sse?: readonly JsonObject[];
  readonly body?: JsonObject | null;
  readonly end?: string;
}

/** One recorded run of the real client with everything that was sent in both directions. */
export interface RecordedScenario {
  readonly name: string;
  readonly configToml: string;
  readonly models: readonly JsonObject[];
  readonly requests: readonly RecordedRequest[];
  readonly answers: readonly RecordedAnswer[];
  /** What the real reducer made of the trace; `undefined` when it refused it. */
  readonly expectedState: JsonObject | undefined;
}

/** Whether recordings of real Codex are there to compare with. */
export const hasRecordings: boolean = existsSync(join(BUNDLES, VERSION));

/** Names of all recorded scenarios. */
export function recordedScenarioNames(): string[] {
  return readdirSync(join(BUNDLES, VERSION))
    .filter((name) => existsSync(join(BUNDLES, VERSION, name, "requests.json")))
    .toSorted();
}

export function readRecordedScenario(name: string): RecordedScenario {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(join(BUNDLES, VERSION, name, file), "utf8"));
  const facts = read("scenario.json") as { config_toml: string; model: JsonObject[] };
  return {
    name,
    configToml: facts.config_toml,
    models: facts.model,
    requests: withTools(read("requests.json") as RecordedRequest[]),
    answers: read("served.json") as RecordedAnswer[],
    expectedState: existsSync(join(BUNDLES, VERSION, name, "expected-state.json"))
      ? (read("expected-state.json") as JsonObject)
      : undefined,
  };
}

/** Puts back the tool lists that are written as a reference to an earlier request. */
function withTools(requests: readonly RecordedRequest[]): RecordedRequest[] {
  const toolsOf = (n: JsonValue | undefined): JsonValue | undefined => {
    const body = requests.find((request) => request.n === n)?.body;
    return isJsonObject(body) ? body["tools"] : undefined;
  };
  return requests.map((request) => {
    const { body } = request;
    if (!isJsonObject(body) || !isJsonObject(body["tools"])) return request;
    return {
      ...request,
      body: { ...body, tools: toolsOf(body["tools"]["$same_as_request"]) ?? [] },
    };
  });
}

/** Kinds of messages that are requests, in the order of their arrival. */
const REQUEST_KINDS: readonly RecordedRequest["kind"][] = [
  "responses",
  "compact",
  "models",
  "prewarm",
  "other",
  "other_frame",
];

/** What the real client sent, in the form of the comparison. */
export function observeRecording(
  { requests }: Pick<RecordedScenario, "requests">,
  kinds: readonly RecordedRequest["kind"][] = REQUEST_KINDS,
): ObservedRun {
  const of = (wanted: readonly RecordedRequest["kind"][]): RecordedRequest[] =>
    requests.filter(({ kind }) => wanted.includes(kind));
  return {
    requests: of(kinds).map(observed),
    handshakes: of(["handshake"]).map(observed),
    events: [],
  };
}

function observed({
  transport,
  kind,
  method,
  path,
  headers,
  body,
}: RecordedRequest): ObservedRequest {
  if (kind === "handshake")
    return { target: `upgrade ${path}`, headers: headers ?? [], body: undefined };
  if (transport === "ws")
    return { target: `frame ${isJsonObject(body) ? typeName(body) : "text"}`, headers: [], body };
  return { target: `${method} ${path}`, headers: headers ?? [], body: body ?? undefined };
}
