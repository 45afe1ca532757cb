import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../src/config-file.ts";
import { parseOverride } from "../src/config-overrides.ts";
import { hasCorpus, recordedConfigs } from "./support/corpus.ts";
import type { LoadedConfig } from "../src/config-file.ts";

async function load(toml: string | undefined, ...overrides: string[]): Promise<LoadedConfig> {
  await using home = await temporaryDirectory();
  if (toml !== undefined) await writeFile(join(home.path, "config.toml"), toml);
  return loadConfig({ home: home.path, overrides: overrides.map(parseOverride) });
}

describe("config.toml", () => {
  test("[cli/config] reads the keys that mean something and keeps providers as they are", async () => {
    const { config, unknownKeys } = await load(`
      model = "gpt-mock"
      model_provider = "mock"
      model_catalog_json = "catalog.json"
      approval_policy = "never"
      sandbox_mode = "danger-full-access"
      include_permissions_instructions = false
      error_policy = "0.140"
      [features]
      code_mode = true
      multi_agent_v2 = { enabled = true }
      [model_providers.mock]
      name = "mock"
      request_max_retries = 1
    `);
    expect(unknownKeys).toEqual([]);
    expect(config).toEqual({
      model: "gpt-mock",
      model_provider: "mock",
      model_catalog_json: "catalog.json",
      approval_policy: "never",
      sandbox_mode: "danger-full-access",
      include_permissions_instructions: false,
      error_policy: "0.140",
      features: { code_mode: true, multi_agent_v2: { enabled: true } },
      model_providers: { mock: { name: "mock", request_max_retries: 1 } },
    });
  });

  test.skipIf(!hasCorpus)(
    "[cli/config-recorded] every recorded configuration loads and holds no unknown key",
    async () => {
      const configs = recordedConfigs();
      expect(configs.size).toBeGreaterThan(150);
      // Many scenarios share one text.
      const texts = new Map([...configs].map(([scenario, toml]) => [toml, scenario]));
      for (const [toml, scenario] of texts) {
        const { config, unknownKeys } = await load(toml);
        expect({ scenario, unknownKeys, model: config.model }).toEqual({
          scenario,
          unknownKeys: [],
          model: "gpt-mock",
        });
      }
    },
  );

  test("a missing file is an empty configuration", async () => {
    expect((await load(undefined)).config).toEqual({});
  });

  test("[cli/config-unknown] keys of Codex are no mistakes, others are named", async () => {
    const { unknownKeys } = await load(`
      web_search = "disabled"
      include_apps_instructions = false
      check_for_update_on_startup = false
      compact_prompt = "short"
      modell = "typo"
      toString = 1
      [analytics]
      enabled = false
      [skills.bundled]
      enabled = false
      [agents]
      enabled = false
      [mcp_servers.demo]
      command = "demo"
    `);
    expect(unknownKeys).toEqual(["modell", "toString"]);
  });

  test.each([
    ["model = 3", /config\.toml: model: expected string, received number$/],
    ['sandbox_mode = "open"', /sandbox_mode: expected one of "read-only"\|"workspace-write"/],
    ["features = { a = 1 }", /features\.a: expected boolean or table$/],
    ['model_providers = "x"', /model_providers: expected record, received string$/],
    ['compatibility = "0.132"', /compatibility: expected one of "0\.171"\|"0\.140"/],
    ['error_policy = "0.132"', /error_policy: expected one of "0\.169"\|"0\.140"/],
    ['model = ""', /model: expected text that is not empty$/],
  ])("%s: the error names file, key and expected shape", async (toml, message) => {
    await expect(load(toml)).rejects.toThrow(message);
  });

  test("a syntax error names line and column and shows no text of the file", async () => {
    const error = await load('model = "m"\nkey = "sk-secret').catch((caught: unknown) => caught);
    expect((error as Error).message).toMatch(/config\.toml:2:\d+: no valid TOML: [^\n]+$/);
    expect((error as Error).message).not.toContain("sk-secret");
  });

  test("a file that cannot be read is an error, not an empty configuration", async () => {
    await using home = await temporaryDirectory();
    await mkdir(join(home.path, "config.toml"));
    expect(() => loadConfig({ home: home.path, overrides: [] })).toThrow(/cannot be read/);
  });
});

describe("-c key=value", () => {
  test("[cli/config-override] sets nested keys as TOML, plain text where it is none, the last one wins", async () => {
    const { config } = await load(
      'model = "file"\n[model_providers.mock]\nname = "mock"\nenv_key = "A"',
      "model=first",
      'model="second"',
      "model_providers.mock.env_key=B",
      "model_providers.mock.request_max_retries=2",
      "model_providers.other={name = 'other'}",
      "include_permissions_instructions=false",
      "error_policy=0.140",
      "compatibility=0.140",
    );
    expect(config).toEqual({
      model: "second",
      include_permissions_instructions: false,
      error_policy: "0.140",
      compatibility: "0.140",
      model_providers: {
        mock: { name: "mock", env_key: "B", request_max_retries: 2 },
        other: { name: "other" },
      },
    });
  });

  test("a value of the wrong shape is blamed on -c, not on the file", async () => {
    await expect(load('model = "m"', "model=3")).rejects.toThrow(/^-c: model: expected string/);
  });

  test.each(["model", "=x", "a..b=1", "__proto__.x=1"])("%s is refused", (text) => {
    expect(() => parseOverride(text)).toThrow(/^-c /);
  });

  test("text with a line break cannot set a second key", () => {
    expect(parseOverride("a=1\nb=2").value).toBe("1\nb=2");
  });
});
