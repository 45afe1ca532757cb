import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Exchange, rawEvent } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";

const BUNDLES = fileURLToPath(
  new URL("../../../../../shared/conformance/bundles", import.meta.url),
);

/** One recorded run of `codex exec --json`, read where it lies. */
export interface RecordedRun {
  readonly configToml: string;
  readonly catalog: { readonly models: readonly JsonObject[] };
  /** The recorded answers as a script. */
  readonly script: readonly Exchange[];
  /** The JSON lines the real program printed. */
  readonly lines: readonly JsonObject[];
}

/** Whether the recordings of real Codex lie beside the repository. */
export const hasCorpus: boolean = existsSync(BUNDLES);

/** Every `config.toml` of the recordings, by the scenario that used it. */
export function recordedConfigs(): ReadonlyMap<string, string> {
  const scenarios = readdirSync(BUNDLES)
    .flatMap((version) =>
      readdirSync(join(BUNDLES, version)).map((name) => join(version, name, "scenario.json")),
    )
    .filter((file) => existsSync(join(BUNDLES, file)));
  return new Map(
    scenarios.map((file) => {
      const text = readFileSync(join(BUNDLES, file), "utf8");
      return [file, (JSON.parse(text) as { config_toml: string }).config_toml];
    }),
  );
}

export function readRecordedRun(version: string, scenario: string): RecordedRun {
  const folder = join(BUNDLES, version, scenario);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const facts = read("scenario.json") as { config_toml: string; model: JsonObject[] };
  const served = read("served.json") as readonly ServedAnswer[];
  const [client] = read("client.json") as readonly { readonly stdout: readonly JsonObject[] }[];
  return {
    configToml: facts.config_toml,
    catalog: { models: facts.model },
    script: served.map(toExchange),
    lines: client?.stdout ?? [],
  };
}

interface ServedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly sse: readonly JsonObject[];
}

/** The recorded headers are all there were. */
const AS_RECORDED = { requestId: null, openaiModel: null };

function toExchange({ status, headers, sse }: ServedAnswer): Exchange {
  return { ...AS_RECORDED, status, headers, events: sse.map((event) => rawEvent(event)) };
}
