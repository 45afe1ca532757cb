import { describe, expect, test } from "vitest";
import { describeUnknownKeys } from "../src/unknown-keys.ts";

interface Given {
  readonly top?: readonly string[];
  readonly provider?: readonly string[];
  readonly table?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly nested?: readonly { readonly table: string; readonly key: string }[];
  readonly isStrict?: boolean;
  /** Of top-level keys. Default: `config.toml`. */
  readonly sources?: Readonly<Record<string, string>>;
}

function describeKeys({
  top = [],
  provider = [],
  table = {},
  config = {},
  nested = [],
  isStrict = false,
  sources = {},
}: Given): readonly string[] {
  const own = Object.fromEntries(provider.map((key) => [key, 1]));
  return describeUnknownKeys(
    provider.map((key) => `model_providers.mine.${key}`),
    {
      config: { ...config, model_providers: { mine: { ...table, ...own } } },
      unknownKeys: top,
      unknownTableKeys: nested,
      isStrict,
      sourceOf: ([key = ""]) => sources[key] ?? "config.toml",
    },
  );
}

describe("keys nobody knows", () => {
  test.each<[Given, string | undefined]>([
    [{}, undefined],
    [{ top: ["nonsense"] }, "nonsense"],
    [{ top: ["modell"] }, "modell (did you mean model?)"],
    [{ top: ["sandbox-mode"] }, "sandbox-mode (did you mean sandbox_mode?)"],
    [
      { top: ["modell"], provider: ["zzz", "request_max_retry"], table: { base_url: "u" } },
      "modell (did you mean model?), model_providers.mine.zzz, model_providers.mine.request_max_retry",
    ],
    [{ nested: [{ table: "agents", key: "enabld" }] }, "agents.enabld (did you mean enabled?)"],
    // The right key is there as well: nothing goes elsewhere.
    [
      { provider: ["base_urls"], table: { base_url: "u" } },
      "model_providers.mine.base_urls (did you mean base_url?)",
    ],
    [
      { top: ["model_provder"], config: { model_provider: "mine" } },
      "model_provder (did you mean model_provider?)",
    ],
  ])("[cli/unknown-keys] %j: one wording for all tables", (given, named) => {
    expect(describeKeys(given)).toEqual(
      named === undefined ? [] : [`config.toml: unknown configuration keys are ignored: ${named}`],
    );
  });

  test("a line for each source says where the keys stand", () => {
    const sources = { zzz: "-c", yyy: "fast.config.toml", xxx: "-c" };
    expect(describeKeys({ top: Object.keys(sources), sources })).toEqual([
      "-c: unknown configuration keys are ignored: zzz, xxx",
      "fast.config.toml: unknown configuration keys are ignored: yyy",
    ]);
  });

  test.each<[Given, string]>([
    [{ top: ["nonsense"], isStrict: true }, "config.toml: unknown configuration key nonsense"],
    [
      { nested: [{ table: "features", key: "goalz" }], isStrict: true },
      "unknown configuration key features.goalz: did you mean goals?",
    ],
    [{ provider: ["base_ulr"] }, "model_providers.mine.base_ulr: did you mean base_url?"],
    [{ provider: ["baseUrl"] }, "did you mean base_url?"],
    [{ provider: ["BASE_URL"] }, "did you mean base_url?"],
    [{ provider: ["env_kye"] }, "did you mean env_key?"],
    [{ provider: ["http_header"] }, "did you mean http_headers?"],
    [{ provider: ["query_parms"] }, "did you mean query_params?"],
    [{ provider: ["require_openai_auth"] }, "did you mean requires_openai_auth?"],
    [{ top: ["model_provder"] }, "model_provder: did you mean model_provider?"],
    [{ top: ["model-provider"] }, "did you mean model_provider?"],
    [{ top: ["openai_base_ulr"] }, "did you mean openai_base_url?"],
    [{ top: ["openai_baseurl"] }, "did you mean openai_base_url?"],
  ])("[cli/misspelt-routing] %j decides where requests go: an error", (given, hint) => {
    expect(() => describeKeys(given)).toThrow(hint);
  });
});
