import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "@codex-ts/protocol";

/** Recorded runs of Codex, beside the repository. Absent elsewhere; tests then skip. */
const corpus = fileURLToPath(new URL("../../../../../shared/conformance/bundles", import.meta.url));

export const hasCorpus: boolean = existsSync(corpus);

/** One answer the recording server gave. */
interface ServedAnswer {
  readonly request: number;
  readonly transport: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sse?: readonly JsonObject[];
  readonly end?: string;
}

/** One request Codex made. */
interface RecordedRequest {
  readonly transport: string;
  readonly kind: string;
  readonly path: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: JsonObject;
}

/** What a recorded file holds, one entry per line. */
interface RecordedEntries {
  "served.json": ServedAnswer;
  "requests.json": RecordedRequest;
}

/** A file of every scenario of one version. */
export function recordedFiles<Name extends keyof RecordedEntries>(
  version: string,
  name: Name,
): { readonly scenario: string; readonly entries: readonly RecordedEntries[Name][] }[] {
  if (!hasCorpus) return [];
  return readdirSync(join(corpus, version)).flatMap((scenario) => {
    const path = join(corpus, version, scenario, name);
    if (!existsSync(path)) return [];
    const entries = JSON.parse(readFileSync(path, "utf8")) as RecordedEntries[Name][];
    return [{ scenario, entries }];
  });
}
