import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import type { LiveScenario } from "./live-scenario.ts";

/** The one model of the comparison, with metadata both programs read. */
const MODEL = {
  slug: "gpt-mock",
  display_name: "gpt-mock",
  description: "scripted model",
  default_reasoning_level: "medium",
  supported_reasoning_levels: [
    { effort: "low", description: "low" },
    { effort: "medium", description: "medium" },
  ],
  shell_type: "unified_exec",
  visibility: "list",
  supported_in_api: true,
  priority: 1,
  availability_nux: null,
  upgrade: null,
  base_instructions: "Follow the script.",
  supports_reasoning_summaries: true,
  support_verbosity: false,
  default_verbosity: null,
  apply_patch_tool_type: "freeform",
  truncation_policy: { mode: "bytes", limit: 10_000 },
  supports_parallel_tool_calls: true,
  context_window: 272_000,
  experimental_supported_tools: [],
  input_modalities: ["text", "image"],
  supports_image_detail_original: false,
};

/** Features that add to the prompt or ask other servers: off in every run. */
const FEATURES_OFF = [
  "apps",
  "plugins",
  "plugin_sharing",
  "remote_plugin",
  "goals",
  "browser_use",
  "browser_use_external",
  "computer_use",
  "in_app_browser",
  "image_generation",
  "tool_suggest",
  "tool_search",
  "shell_snapshot",
  "skill_mcp_dependency_install",
  "guardian_approval",
  "hooks",
  "memories",
  "workspace_dependencies",
  "fast_mode",
  "personality",
  "mentions_v2",
];

/** Settings that keep each generation from offering agents: lines of `[features]`, then further tables. */
const NO_AGENTS: Readonly<Record<Compatibility, string>> = {
  "0.171": "\n[agents]\nenabled = false",
  "0.140": "multi_agent = false",
};

/** Writes `config.toml` and the model catalogue: one provider, one model, nothing that leaves the loopback. */
export async function writeHome(
  home: string,
  options: Pick<
    LiveScenario,
    "config" | "settings" | "features" | "featuresOff" | "provider" | "model" | "furtherModels"
  > & {
    readonly baseUrl: string;
    readonly compatibility: Compatibility;
  },
): Promise<void> {
  const catalog = join(home, "catalog.json");
  const model = { ...MODEL, ...options.model };
  const { features = [], featuresOff = [] } = options;
  const models = [model, ...(options.furtherModels ?? []).map((more) => ({ ...model, ...more }))];
  await writeFile(catalog, JSON.stringify({ models }));
  await writeFile(
    join(home, "config.toml"),
    `model = "gpt-mock"
model_provider = "mock"
model_catalog_json = ${JSON.stringify(catalog)}
approval_policy = "never"
sandbox_mode = "danger-full-access"
include_apps_instructions = false
${options.settings ?? 'web_search = "disabled"'}
check_for_update_on_startup = false
${options.config ?? "include_permissions_instructions = false"}

[analytics]
enabled = false

[skills]
include_instructions = false

[skills.bundled]
enabled = false

[features]
${[...FEATURES_OFF, ...featuresOff]
  .filter((name) => !features.includes(name))
  .map((name) => `${name} = false`)
  .join("\n")}
${features.map((name) => `${name} = true`).join("\n")}
${NO_AGENTS[options.compatibility]}

[model_providers.mock]
name = "mock"
base_url = "${options.baseUrl}"
wire_api = "responses"
env_key = "MOCK_KEY"
stream_max_retries = 2
request_max_retries = 1
${options.provider ?? ""}
`,
  );
}

/** Makes commit hashes the same in every run. */
const COMMIT_DATE = "2026-01-01T00:00:00Z";

/** Puts the files of a scenario into its working directory, then runs its git commands. */
export async function writeWorkspace(
  workspace: string,
  { files = {}, git = [] }: Pick<LiveScenario, "files" | "git">,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, name)), { recursive: true });
    await writeFile(join(workspace, name), text);
  }
  const env = { ...process.env, GIT_AUTHOR_DATE: COMMIT_DATE, GIT_COMMITTER_DATE: COMMIT_DATE };
  for (const args of git) await promisify(execFile)("git", [...args], { cwd: workspace, env });
}

/** Puts a git before the one of the search path that waits a second and then is that one. */
export async function writeSlowGit(folder: string): Promise<void> {
  const script = '#!/bin/sh\nsleep 1\nPATH="${PATH#*:}"\nexec git "$@"\n';
  await writeFile(join(folder, "git"), script, { mode: 0o700 });
}
