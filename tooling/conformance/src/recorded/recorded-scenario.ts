import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isJsonObject } from "@codex-ts/protocol";
import type { Compatibility, JsonObject, JsonValue } from "@codex-ts/protocol";
import type { HeaderPairs } from "../compare/observed-run.ts";
import { CODEX_VERSIONS } from "../programs/generations.ts";

/** The recordings lie beside the repository, or are not there at all. */
export const RECORDINGS: string = fileURLToPath(
  new URL("../../../../../shared/conformance/", import.meta.url),
);

/** The version that decides where we do better than 0.140; see `expected.ts`. */
export const LATER_VERSION = "0.169.0";

/** Bundles of schema 3 lie in a folder of their own. */
export function folderOf(version: string): string {
  return join(
    RECORDINGS,
    version === CODEX_VERSIONS["0.171"] ? "bundles-schema3" : "bundles",
    version,
  );
}

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
  /** Of an upgrade or a frame, from 1. */
  readonly connection?: number;
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
  /** The generation ours has to be like. */
  readonly compatibility: Compatibility;
  readonly configToml: string;
  readonly models: readonly JsonObject[];
  readonly requests: readonly RecordedRequest[];
  readonly answers: readonly RecordedAnswer[];
  /** What the real reducer made of the trace; `undefined` when it refused it. */
  readonly expectedState: JsonObject | undefined;
  /** The same of the second process, where one went on with the thread. */
  readonly expectedResumedState: JsonObject | undefined;
}

/** Whether recordings of real Codex are there to compare with. */
export const hasRecordings: boolean = Object.values(CODEX_VERSIONS).every((version) =>
  existsSync(folderOf(version)),
);

/** Names of all scenarios recorded of a generation. */
export function recordedScenarioNames(compatibility: Compatibility): string[] {
  const folder = folderOf(CODEX_VERSIONS[compatibility]);
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "requests.json")))
    .toSorted();
}

export function readRecordedScenario(
  name: string,
  compatibility: Compatibility,
  version: string = CODEX_VERSIONS[compatibility],
): RecordedScenario {
  return readRecording(name, compatibility, folderOf(version));
}

/** Reads a scenario from any folder that the recorder has written to. */
export function readRecording(
  name: string,
  compatibility: Compatibility,
  folder: string,
): RecordedScenario {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(join(folder, name, file), "utf8"));
  const facts = read("scenario.json") as { config_toml: string; model: JsonObject[] };
  return {
    name,
    compatibility,
    configToml: facts.config_toml,
    models: facts.model,
    requests: withTools(read("requests.json") as RecordedRequest[]),
    answers: read("served.json") as RecordedAnswer[],
    expectedState: readExpectedState(join(folder, name)),
    expectedResumedState: readExpectedState(join(folder, name, "bundle-2")),
  };
}

/** What the real reducer of a version made of its own trace; `undefined` when it refused it, or made none. */
function readExpectedState(bundle: string): JsonObject | undefined {
  const file = join(bundle, "expected-state.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as JsonObject) : undefined;
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
