import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../src/config-file.ts";
import { parseOverride } from "../src/config-overrides.ts";
import { CommandError } from "../src/errors.ts";
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

  test("[cli/config-unknown] typing mistakes in tables are found, names that users choose are not", async () => {
    const { unknownTableKeys } = await load(`
      [sandbox_workspace_write]
      writeable_roots = []
      [agents]
      enabld = true
      [agents.reviewer]
      description = "a role"
      [features]
      multi_agentt = true
      of_next_year = true
      [features.multi_agent_v2]
      enabled = true
      [shell_environment_policy]
      experimental_use_profile = true
    `);
    expect(unknownTableKeys.map(({ table, key }) => `${table}.${key}`)).toEqual([
      "agents.enabld",
      "features.multi_agentt",
      "sandbox_workspace_write.writeable_roots",
    ]);
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

  test("a file that cannot be read is an error, not an empty configuration", async () => {
    await using home = await temporaryDirectory();
    await mkdir(join(home.path, "config.toml"));
    expect(() => loadConfig({ home: home.path, overrides: [] })).toThrow(/cannot be read/);
  });
});

describe("a config.toml that an editor saved", () => {
  const MARK = "\ufeff";
  const TOML = 'model = "m"\nmodel_provider = "mock"\n[model_providers.mock]\nname = "\u00e9"\n';
  const CRLF = TOML.replaceAll("\n", "\r\n");
  const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");

  async function loadBytes(bytes: Uint8Array): Promise<LoadedConfig> {
    await using home = await temporaryDirectory();
    await writeFile(join(home.path, "config.toml"), bytes);
    return loadConfig({ home: home.path, overrides: [] });
  }

  test.each<[string, Buffer]>([
    ["CR LF", Buffer.from(CRLF)],
    ["CR alone", Buffer.from(TOML.replaceAll("\n", "\r"))],
    ["a byte order mark", Buffer.from(MARK + TOML)],
    ["a byte order mark and CR LF", Buffer.from(MARK + CRLF)],
    ["UTF-16LE", utf16(MARK + TOML)],
    ["UTF-16LE and CR LF", utf16(MARK + CRLF)],
    ["UTF-16BE", utf16(MARK + TOML).swap16()],
    ["no last line break", Buffer.from(TOML.trimEnd())],
  ])("[cli/config-encoding] with %s is read like any other", async (_how, bytes) => {
    const { config, unknownKeys } = await loadBytes(bytes);
    expect(unknownKeys).toEqual([]);
    expect(config).toEqual({
      model: "m",
      model_provider: "mock",
      model_providers: { mock: { name: "\u00e9" } },
    });
  });

  test.each<[string, Buffer, RegExp]>([
    ["UTF-16LE without a mark", utf16(TOML), /UTF-16 text without a byte order mark/],
    ["UTF-16BE without a mark", utf16(TOML).swap16(), /UTF-16 text without a byte order mark/],
    ["half a character", utf16(MARK + TOML).subarray(0, -1), /damaged UTF-16LE text/],
    ["Latin-1", Buffer.from(TOML, "latin1"), /not UTF-8 text \(line 4\)/],
    ["UTF-32", Buffer.from("fffe000061000000", "hex"), /UTF-32 text/],
  ])("[cli/config-encoding] with %s is an error that says so", async (_how, bytes, problem) => {
    const error = await loadBytes(bytes).catch((caught: unknown) => caught as Error);
    const { message } = error as Error;
    expect(message).toMatch(problem);
    expect(message).toMatch(/config\.toml: cannot be read: it is .*: save it as UTF-8$/);
  });
});

describe("a config.toml that is no TOML", () => {
  test.each([
    ["base_url = http://x", "1:12: no valid TOML: invalid value; put text in quotes"],
    ["model = “gpt-5”", "the quotes are typographic ones"],
    ['model_instructions_file = "C:\\Users\\me"', "write the text in '…' instead"],
    ['model: "m"', "write = instead of :"],
    ['{"model": "m"}', "this is JSON, write TOML"],
    ["[model_providers.mock\nname = 1", "a table begins with its name in brackets"],
    ['model = "m\nname = 1', "add the closing quote"],
    ['model = "m', "add the closing quote"],
    ['model = "a"\nmodel = "b"', "2:1: no valid TOML: trying to redefine"],
    ["beta_features = [1,\n2", "add the missing comma or bracket"],
    ['model = "a" b = 2', "write one key = value per line"],
    ["include_permissions_instructions = True", "write true or false in lower case"],
    ['model "m"', "write key = "],
  ])(
    "[cli/config-syntax] %j: place and remedy on one line, then the line with a caret",
    async (toml, advice) => {
      const error = (await load(toml).catch((caught: unknown) => caught)) as CommandError;
      expect(error).toBeInstanceOf(CommandError);
      expect(error.message).toMatch(/config\.toml:\d+:\d+: no valid TOML: [^\n]+; [^\n]+$/);
      expect(error.message).toContain(advice);
      const [, line, column] = (/:(\d+):(\d+): /.exec(error.message) ?? []).map(Number);
      const [shown = "", caret = "", ...more] = (error.details ?? "").split("\n");
      expect(more).toEqual([]);
      const source = toml.split("\n")[(line ?? 0) - 1] ?? "";
      // Without a known key on it, a line may hold anything.
      const isHidden = /^[{\d]/.test(source);
      expect(shown).toBe(`${line} | ${isHidden ? source.replaceAll(/\S/g, "*") : source}`);
      expect(caret).toBe(`  | ${" ".repeat((column ?? 0) - 1)}^`);
    },
  );

  test.each([
    'experimental_bearer_token = "sk-canary',
    'x.experimental_bearer_token = "canary',
    'x = { experimental_bearer_token = "canary }',
    "[model_providers.a]\nexperimental_bearer_token = canary",
    '[model_providers.a.http_headers]\nname = "canary',
    "[mcp_servers.a.env]\nmodel = canary",
    'http_headers = { Authorization = "Bearer canary }',
    'base_url = "http://user:canary@host/?key=canary',
    'model = "sk-canary0123',
    'name = "Bearer canary',
    'notes = """\ncanary = 1\n""" canary',
    'canary "value"',
    'key = "canary',
    'model_providers.a.http_headers.model = "canary',
    "env_key = canary",
    '"http_headers"."name" = canary',
  ])("[cli/config-syntax-secret] %j: nothing that may be a credential is shown", async (toml) => {
    const error = (await load(toml).catch((caught: unknown) => caught)) as CommandError;
    expect(error).toBeInstanceOf(CommandError);
    expect(`${error.message}\n${error.details}`).not.toContain("canary");
  });

  test("a long line is cut around the caret, tabs stay", async () => {
    const toml = `\tmodel = ["${"x".repeat(500)}", "y" "z"]`;
    const error = (await load(toml).catch((caught: unknown) => caught)) as CommandError;
    const [shown = "", caret = ""] = (error.details ?? "").split("\n");
    expect(shown.length).toBeLessThan(120);
    expect(caret.length).toBeLessThan(120);
    const indented = (await load("\tmodel = m").catch((caught: unknown) => caught)) as CommandError;
    expect(indented.details).toBe("1 | \tmodel = m\n  | \t        ^");
  });
});

describe("-p NAME", () => {
  async function loadProfile(
    files: Readonly<Record<string, string>>,
    profile: string | undefined,
    ...overrides: string[]
  ): Promise<LoadedConfig> {
    await using home = await temporaryDirectory();
    for (const [name, toml] of Object.entries(files)) await writeFile(join(home.path, name), toml);
    return loadConfig({ home: home.path, profile, overrides: overrides.map(parseOverride) });
  }

  const CONFIG =
    'model = "base"\nmodel_provider = "a"\n[model_providers.a]\nname = "A"\nbase_url = "u"';

  test("[cli/profile] lies over config.toml, table by table, and below -c", async () => {
    const files = {
      "config.toml": CONFIG,
      "fast.config.toml":
        'model = "fast"\nmodel_verbosity = "low"\n[model_providers.a]\nbase_url = "v"',
    };
    const { config, sourceOf } = await loadProfile(files, "fast", "model_verbosity=high");
    expect(config).toEqual({
      model: "fast",
      model_provider: "a",
      model_verbosity: "high",
      model_providers: { a: { name: "A", base_url: "v" } },
    });
    expect(sourceOf(["model"])).toMatch(/fast\.config\.toml$/);
    expect(sourceOf(["model_provider"])).toMatch(/\/config\.toml$/);
    expect(sourceOf(["model_providers", "a", "base_url"])).toMatch(/fast\.config\.toml$/);
    expect(sourceOf(["model_verbosity"])).toBe("-c");
    expect((await loadProfile(files, undefined)).config.model).toBe("base");
  });

  test("[cli/profile] stands alone where there is no config.toml", async () => {
    const { config } = await loadProfile({ "solo.config.toml": 'model = "m"' }, "solo");
    expect(config).toEqual({ model: "m" });
  });

  test.each([
    "",
    "..",
    "../config",
    "a/b",
    "a\\b",
    "/etc/passwd",
    "a.b",
    "~",
    "a b",
    "x".repeat(65),
  ])("[cli/profile-name] %j is no name", async (name) => {
    await expect(loadProfile({ "config.toml": CONFIG }, name)).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(/^-p: expected the name of a profile/) as string,
    });
  });

  test("[cli/profile-missing] one that is not there is an error that names the near one", async () => {
    const files = { "config.toml": CONFIG, "fast.config.toml": "", "lab.config.toml": "" };
    await expect(loadProfile(files, "fsat")).rejects.toThrow(/-p fsat: .*did you mean -p fast\?$/);
    await expect(loadProfile(files, "zzzzz")).rejects.toThrow(/there are fast, lab$/);
    await expect(loadProfile({}, "fast")).rejects.toThrow(
      /fast\.config\.toml does not exist: make it/,
    );
  });

  test("[cli/profile] mistakes in it are blamed on it", async () => {
    await expect(loadProfile({ "p.config.toml": "model = 3" }, "p")).rejects.toThrow(
      /p\.config\.toml: model: expected string/,
    );
    await expect(loadProfile({ "p.config.toml": "model = m" }, "p")).rejects.toThrow(
      /p\.config\.toml:1:9: no valid TOML/,
    );
  });

  test.each<[string, Readonly<Record<string, string>>, string[], RegExp]>([
    [
      "profile",
      { "config.toml": 'profile = "lab"' },
      [],
      /config\.toml: the key profile .* pass -p lab$/,
    ],
    [
      "profiles",
      { "config.toml": "[profiles.lab]\nmodel = 'm'" },
      [],
      /the key profiles .* pass -p NAME$/,
    ],
    ["a profile that is no name", { "config.toml": 'profile = "../x"' }, [], /pass -p NAME$/],
    [
      "profile in a profile",
      { "p.config.toml": 'profile = "q"' },
      [],
      /p\.config\.toml: the key profile/,
    ],
    ["-c profile", {}, ["profile=lab"], /^-c: the key profile .* pass -p lab$/],
    ["-c profiles", {}, ["profiles.lab.model=m"], /^-c: the key profiles /],
  ])(
    "[cli/profile-legacy] %s is refused in one sentence that names -p",
    async (_what, files, flags, line) => {
      await using home = await temporaryDirectory();
      for (const [name, toml] of Object.entries(files))
        await writeFile(join(home.path, name), toml);
      const profile = "p.config.toml" in files ? "p" : undefined;
      const loading = (): LoadedConfig =>
        loadConfig({ home: home.path, profile, overrides: flags.map(parseOverride) });
      expect(loading).toThrow(line);
    },
  );
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
