import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isJsonObject } from "@codex-ts/protocol";

/** Recorded runs of real clients, kept beside the repository; tests that need them skip when they are not there. */
const CORPUS = fileURLToPath(new URL("../../../../../shared/conformance/bundles", import.meta.url));

export const hasCorpus = existsSync(CORPUS);

export interface RecordedScenario {
  readonly name: string;
  /** Items in the `input` of any request, in order. */
  readonly inputItems: readonly unknown[];
  /** Finished items the scripted server sent. */
  readonly servedItems: readonly unknown[];
  /** Every payload file of the scenario's trace bundles, parsed. */
  readonly payloads: readonly Record<string, unknown>[];
}

const known = new Map<string, RecordedScenario[]>();

/** Read once per version: it is the most of what these tests cost. */
export function recordedScenarios(version: string): readonly RecordedScenario[] {
  const scenarios = known.get(version) ?? readScenarios(version);
  known.set(version, scenarios);
  return scenarios;
}

function readScenarios(version: string): RecordedScenario[] {
  if (!hasCorpus) return [];
  const root = join(CORPUS, version);
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, "requests.json")))
    .map((name) => readScenario(join(root, name), name));
}

function readScenario(folder: string, name: string): RecordedScenario {
  const requests = readJson(join(folder, "requests.json")) as { body?: { input?: unknown[] } }[];
  const served = readJson(join(folder, "served.json")) as {
    sse?: { type?: string; item?: unknown }[];
    body?: { output?: unknown[] };
  }[];
  return {
    name,
    inputItems: requests.flatMap((request) => request.body?.input ?? []),
    servedItems: served.flatMap((answer) => [
      ...(answer.sse ?? []).flatMap((event) =>
        event.type === "response.output_item.done" ? [event.item] : [],
      ),
      ...(Array.isArray(answer.body?.output) ? answer.body.output : []),
    ]),
    payloads: readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => /payloads.\d+\.json$/.test(file))
      .map((file) => readJson(join(folder, file)))
      .filter((payload) => isJsonObject(payload)),
  };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8")) as unknown;
}
