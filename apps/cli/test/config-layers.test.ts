import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { configReading } from "../src/app-server-config.ts";
import { type LoadedConfig, loadConfig } from "../src/config-file.ts";
import { parseOverride } from "../src/config-overrides.ts";
import { runInProcess } from "./support/run-cli.ts";

const FILES = {
  "system.toml": 'model = "system"\nservice_tier = "system"\nmodel_verbosity = "low"',
  "home/config.toml": 'model = "user"\nservice_tier = "user"\ncompact_prompt = "user"',
  "home/fast.config.toml": 'service_tier = "profile"\ndeveloper_instructions = "profile"',
  "work/.git/HEAD": "",
  "work/.codex/config.toml":
    'developer_instructions = "root"\nmodel_reasoning_effort = "low"\nmodel_provider = "evil"\nnotify = ["evil"]',
  "work/sub/.codex/config.toml": 'developer_instructions = "sub"',
};

async function withFiles<T>(
  run: (paths: { root: string; home: string; cwd: string }) => T | Promise<T>,
  trusted: boolean,
): Promise<T> {
  await using directory = await temporaryDirectory();
  const { path: root } = directory;
  const trust = `\n[projects."${join(root, "work")}"]\ntrust_level = "trusted"\n`;
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    const more = name === "home/config.toml" && trusted ? trust : "";
    await writeFile(join(root, name), text + more);
  }
  return await run({ root, home: join(root, "home"), cwd: join(root, "work", "sub") });
}

function load(
  { root, home, cwd }: { root: string; home: string; cwd: string },
  ...overrides: string[]
): LoadedConfig {
  return loadConfig({
    home,
    systemFile: join(root, "system.toml"),
    cwd,
    profile: "fast",
    overrides: overrides.map(parseOverride),
  });
}

describe("[cli/config-layers] layers of the configuration", () => {
  test("each wins over the one before: system, user, profile, project, -c", async () => {
    await withFiles((paths) => {
      const { config, layerOf, warnings } = load(paths, "model_reasoning_effort=high");
      const layers = Object.keys(config).map((key) => [key, layerOf([key])?.name]);
      expect(Object.fromEntries(layers)).toEqual({
        model: "user",
        service_tier: "profile",
        model_verbosity: "system",
        compact_prompt: "user",
        developer_instructions: "project",
        model_reasoning_effort: "-c",
        projects: "user",
      });
      expect(config).toMatchObject({ developer_instructions: "sub", service_tier: "profile" });
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(
        /work\/\.codex\/config\.toml: a project may not set model_provider, notify/,
      );
    }, true);
  });

  test("a project nobody trusts sets nothing, and the user is told how to", async () => {
    await withFiles((paths) => {
      const { config, warnings } = load(paths);
      expect(config).toMatchObject({ developer_instructions: "profile" });
      expect(config.model_reasoning_effort).toBeUndefined();
      expect(warnings[0]).toMatch(
        /is not used: nobody trusts this project.*trust_level = "trusted"/,
      );
    }, false);
  });
});

/** Texts that hold a credential, or something in its place. */
const SECRETS = [
  'model_providers.a.name="a"',
  "model_providers.a.experimental_bearer_token=tok-1",
  "model_providers.a.http_headers.x=tok-2",
  "mystery=tok-3",
  "openai_base_url=http://u:tok-4@h/?k=tok-5",
  "shell_environment_policy.set.KEY=tok-6",
  "model_providers.a.env_key=sk-tok-7",
  "mcp_servers.m.command=server",
  "mcp_servers.m.env.KEY=tok-8",
  "mcp_servers.n.url=https://u:tok-9@h/?k=tok-10",
  "mcp_servers.n.http_headers.x=tok-11",
  "mcp_servers.n.bearer_token_env_var=tok-12",
  "mcp_servers.n.bearer_token=tok-13",
  "mcp_servers.n.env_http_headers.x=tok-14",
  "mcp_servers.n.oauth.client_secret=tok-15",
];

describe("[cli/config-show] config show", () => {
  test("the app server reads the configuration without a secret, too", async () => {
    await withFiles((paths) => {
      const { config } = configReading(load(paths, ...SECRETS));
      expect(JSON.stringify(config)).not.toContain("tok-");
      expect(config).toMatchObject({
        model: "user",
        model_providers: { a: { name: "a" } },
        mcp_servers: { m: { command: "server" } },
      });
    }, true);
  });

  test("prints each value with its layer and file, and no secret", async () => {
    await withFiles(async ({ home, cwd }) => {
      const secrets = SECRETS.flatMap((text) => ["-c", text]);
      const run = { cwd, env: { CODEX_HOME: home } };
      const shown = await runInProcess(
        ["config", "show", "--sources", "-p", "fast", ...secrets],
        run,
      );
      expect(shown.exitCode).toBe(0);
      expect(shown.stdout).not.toContain("tok-");
      const lines = shown.stdout.split("\n").map((line) => line.split(/\s+# /));
      expect(lines).toContainEqual(['model = "user"', `user ${join(home, "config.toml")}`]);
      expect(lines).toContainEqual([
        'service_tier = "profile"',
        `profile ${join(home, "fast.config.toml")}`,
      ]);
      expect(lines).toContainEqual([
        'developer_instructions = "sub"',
        `project ${join(cwd, ".codex", "config.toml")}`,
      ]);
      expect(lines).toContainEqual(['model_providers.a.name = "a"', "-c"]);
      expect(lines).toContainEqual(['mcp_servers.m.command = "server"', "-c"]);
      expect(lines).toContainEqual(["mcp_servers.m.env.KEY = ***", "-c"]);
      const json = await runInProcess(["config", "show", "--json", ...secrets], run);
      expect(json.stdout).not.toContain("tok-");
      expect(JSON.parse(json.stdout)).toContainEqual({
        path: ["mystery"],
        value: null,
        hidden: true,
        layer: "-c",
        source: "-c",
      });
    }, true);
  });
});

describe("[cli/features-list] features list", () => {
  test("says which are used and which are on", async () => {
    await using home = await temporaryDirectory();
    await writeFile(
      join(home.path, "config.toml"),
      "[features]\ncode_mode = true\nremote_compaction_v2 = false\nof_mine = true\n[features.multi_agent_v2]\nenabled = true\n",
    );
    const { stdout } = await runInProcess(["features", "list"], { cwd: home.path });
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(["code_mode", "used", "true"]);
    expect(rows).toContainEqual(["remote_compaction_v2", "used", "false"]);
    expect(rows).toContainEqual(["multi_agent_v2", "used", "true"]);
    expect(rows).toContainEqual(["of_mine", "no effect", "true"]);
    expect(rows).toContainEqual(["goals", "no effect", "false"]);
    expect(rows.filter(([, use]) => use === "used")).toEqual([
      ["code_mode", "used", "true"],
      ["code_mode_only", "used", "false"],
      ["default_mode_request_user_input", "used", "false"],
      ["multi_agent", "used", "true"],
      ["multi_agent_v2", "used", "true"],
      ["remote_compaction_v2", "used", "false"],
      ["unified_exec", "used", "true"],
    ]);
  });
});
