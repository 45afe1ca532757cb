import type { ErrorPolicy } from "@codex-ts/api";
import type { ApprovalPolicy, SandboxMode, WebSearchMode } from "@codex-ts/core";
import type { Compatibility } from "@codex-ts/protocol";
import { z } from "zod";
import { FEATURE_NAMES } from "./feature-names.ts";
import type { FeatureInUse } from "./features-in-use.ts";
import { multiAgentV2 } from "./multi-agent-v2.ts";
import type { MultiAgentV2 } from "./multi-agent-v2.ts";
import { misspeltKey } from "./nearest.ts";

/** The table `tools.web_search`. */
interface WebSearchTable {
  readonly context_size?: "low" | "medium" | "high";
  readonly allowed_domains?: readonly string[];
  readonly location?: {
    readonly country?: string;
    readonly region?: string;
    readonly city?: string;
    readonly timezone?: string;
  };
}

/** The configuration as far as this program uses it, shapes checked. Keys as in the file. */
export interface Config {
  readonly model?: string;
  readonly model_provider?: string;
  /** Checked by `@codex-ts/model-provider`. */
  readonly model_providers?: Readonly<Record<string, unknown>>;
  readonly openai_base_url?: string;
  /** Provider of `--oss`. */
  readonly oss_provider?: string;
  /** Path of a model catalog, relative to the configuration directory. */
  readonly model_catalog_json?: string;
  readonly model_reasoning_effort?: string;
  readonly model_reasoning_summary?: "auto" | "concise" | "detailed" | "none";
  readonly model_verbosity?: "low" | "medium" | "high";
  /** Path of a file with the system text, relative to the configuration directory. */
  readonly model_instructions_file?: string;
  readonly developer_instructions?: string;
  readonly service_tier?: string;
  readonly approval_policy?: ApprovalPolicy;
  readonly sandbox_mode?: SandboxMode;
  readonly sandbox_workspace_write?: {
    readonly writable_roots?: readonly string[];
    readonly network_access?: boolean;
    readonly exclude_tmpdir_env_var?: boolean;
    readonly exclude_slash_tmp?: boolean;
  };
  /** The variables that commands inherit. */
  readonly shell_environment_policy?: {
    readonly inherit?: "all" | "core" | "none";
    /** False drops names with KEY, SECRET or TOKEN. Default true. */
    readonly ignore_default_excludes?: boolean;
    readonly exclude?: readonly string[];
    readonly set?: Readonly<Record<string, string>>;
    readonly include_only?: readonly string[];
  };
  readonly include_permissions_instructions?: boolean;
  /** The next four are checked by `@codex-ts/model-provider` where logins are used. */
  readonly cli_auth_credentials_store?: unknown;
  readonly forced_login_method?: unknown;
  readonly forced_chatgpt_workspace_id?: unknown;
  readonly chatgpt_base_url?: string;
  /** Bytes of all `AGENTS.md` files of a project together. */
  readonly project_doc_max_bytes?: number;
  /** Names tried where there is no `AGENTS.md`. */
  readonly project_doc_fallback_filenames?: readonly string[];
  /** Names that make a directory the root of a project. */
  readonly project_root_markers?: readonly string[];
  /** Longest time of one response. */
  readonly stream_max_duration_ms?: number;
  /** Most requests of one turn. */
  readonly turn_max_requests?: number;
  /** Ours: longest wait for the beginning of a response. */
  readonly first_response_timeout_ms?: number;
  /** Ours: no WebSockets. */
  readonly http_only?: boolean;
  /** The prompt by which a history is compacted. */
  readonly compact_prompt?: string;
  /** Tokens; see `ModelInfoOverrides` of `@codex-ts/model-provider`. */
  readonly model_context_window?: number;
  readonly model_auto_compact_token_limit?: number;
  readonly tool_output_token_limit?: number;
  /** By directory of a project: whether its configuration is trusted. */
  readonly projects?: Readonly<Record<string, unknown>>;
  /** A program and its arguments; run at the end of a turn with one JSON argument more. */
  readonly notify?: readonly string[];
  readonly skills?: {
    /** Whether the model reads of skills. Default true. */
    readonly include_instructions?: boolean;
  };
  /** Whether the server may search the web for the model. Default `cached`. */
  readonly web_search?: WebSearchMode;
  readonly tools?: {
    /** `false`: no web search; a table: how the server searches. */
    readonly web_search?: boolean | WebSearchTable;
  };
  /** Feature switches by name. `remote_compaction_v2 = false` has 0.140 compact by the older endpoint. */
  readonly features?: {
    readonly [Name in Exclude<FeatureInUse, "multi_agent_v2">]?:
      | boolean
      | Readonly<Record<string, unknown>>;
  } & {
    /** A table switches them on by `enabled`. */
    readonly multi_agent_v2?: boolean | MultiAgentV2;
  };
  /** Agents the model may start. */
  readonly agents?: {
    /** False: none, also for a model whose catalog entry asks for them. */
    readonly enabled?: boolean;
    /** Most agents of the older tools that are not closed. */
    readonly max_threads?: number;
    /** How deep such agents may start agents of their own. */
    readonly max_depth?: number;
  };
  /** Servers of the Model Context Protocol by name; `mcp-servers.ts` reads the tables. */
  readonly mcp_servers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Limits of a recorded trace of schema 3, in bytes. */
  readonly rollout_trace?: { readonly max_payload_bytes?: number; readonly max_bytes?: number };
  /** Ours: the generation of Codex requests, errors and traces are like. Default `0.171`. */
  readonly compatibility?: Compatibility;
  /** Ours: whether server responses are judged as Codex 0.169 (default) or 0.140 judges them. */
  readonly error_policy?: ErrorPolicy;
  /** Ours: names for the `x-codex-beta-features` header. */
  readonly beta_features?: readonly string[];
}

export const SANDBOX_MODES = ["read-only", "workspace-write", "danger-full-access"] as const;

const text = z.string().min(1, "expected text that is not empty");
/** `0.140` without quotes is a TOML number: 0.14. */
const errorPolicy = z.preprocess(
  (value) => (typeof value === "number" ? value.toFixed(3) : value),
  z.enum(["0.169", "0.140"]),
);

const compatibility = z.preprocess(
  (value) => (typeof value === "number" ? value.toFixed(3) : value),
  z.enum(["0.171", "0.140"]),
);

const featureSwitch = z.union([z.boolean(), z.record(z.string(), z.unknown())], {
  error: "expected boolean or table",
});

const approvalPolicy = z.union(
  [
    z.enum(["untrusted", "on-failure", "on-request", "never"]),
    z.object({
      granular: z.object({
        sandbox_approval: z.boolean(),
        rules: z.boolean(),
        skill_approval: z.boolean().default(false),
        request_permissions: z.boolean().default(false),
        mcp_elicitations: z.boolean(),
      }),
    }),
  ],
  {
    error:
      "expected untrusted, on-failure, on-request, never, or a table `granular` that says true or false of sandbox_approval, rules and mcp_elicitations",
  },
);

const config = z.object({
  model: z.exactOptional(text),
  model_provider: z.exactOptional(text),
  model_providers: z.exactOptional(z.record(z.string(), z.unknown())),
  openai_base_url: z.exactOptional(z.string()),
  oss_provider: z.exactOptional(z.string()),
  model_catalog_json: z.exactOptional(text),
  model_reasoning_effort: z.exactOptional(text),
  model_reasoning_summary: z.exactOptional(z.enum(["auto", "concise", "detailed", "none"])),
  model_verbosity: z.exactOptional(z.enum(["low", "medium", "high"])),
  model_instructions_file: z.exactOptional(text),
  developer_instructions: z.exactOptional(z.string()),
  service_tier: z.exactOptional(text),
  approval_policy: z.exactOptional(approvalPolicy),
  sandbox_mode: z.exactOptional(z.enum(SANDBOX_MODES)),
  sandbox_workspace_write: z.exactOptional(
    z.object({
      writable_roots: z.exactOptional(
        z.array(z.string().startsWith("/", "expected an absolute path")),
      ),
      network_access: z.exactOptional(z.boolean()),
      exclude_tmpdir_env_var: z.exactOptional(z.boolean()),
      exclude_slash_tmp: z.exactOptional(z.boolean()),
    }),
  ),
  shell_environment_policy: z.exactOptional(
    z.object({
      inherit: z.exactOptional(z.enum(["all", "core", "none"])),
      ignore_default_excludes: z.exactOptional(z.boolean()),
      exclude: z.exactOptional(z.array(z.string())),
      set: z.exactOptional(z.record(z.string(), z.string())),
      include_only: z.exactOptional(z.array(z.string())),
    }),
  ),
  include_permissions_instructions: z.exactOptional(z.boolean()),
  cli_auth_credentials_store: z.exactOptional(z.unknown()),
  forced_login_method: z.exactOptional(z.unknown()),
  forced_chatgpt_workspace_id: z.exactOptional(z.unknown()),
  chatgpt_base_url: z.exactOptional(z.string()),
  project_doc_max_bytes: z.exactOptional(z.int().nonnegative()),
  project_doc_fallback_filenames: z.exactOptional(z.array(z.string())),
  project_root_markers: z.exactOptional(z.array(z.string())),
  compact_prompt: z.exactOptional(text),
  model_context_window: z.exactOptional(z.int().positive()),
  model_auto_compact_token_limit: z.exactOptional(z.int().positive()),
  tool_output_token_limit: z.exactOptional(z.int().positive()),
  projects: z.exactOptional(z.record(z.string(), z.unknown())),
  notify: z.exactOptional(z.array(z.string())),
  skills: z.exactOptional(z.object({ include_instructions: z.exactOptional(z.boolean()) })),
  stream_max_duration_ms: z.exactOptional(z.int().positive()),
  turn_max_requests: z.exactOptional(z.int().positive()),
  first_response_timeout_ms: z.exactOptional(z.int().positive()),
  http_only: z.exactOptional(z.boolean()),
  web_search: z.exactOptional(z.enum(["disabled", "cached", "indexed", "live"])),
  tools: z.exactOptional(
    z.looseObject({
      web_search: z.exactOptional(
        z.union([
          z.boolean(),
          z.looseObject({
            context_size: z.exactOptional(z.enum(["low", "medium", "high"])),
            allowed_domains: z.exactOptional(z.array(text)),
            location: z.exactOptional(
              z.looseObject({
                country: z.exactOptional(text),
                region: z.exactOptional(text),
                city: z.exactOptional(text),
                timezone: z.exactOptional(text),
              }),
            ),
          }),
        ]),
      ),
    }),
  ),
  features: z.exactOptional(
    z
      .object({
        multi_agent_v2: z.exactOptional(multiAgentV2),
      })
      .catchall(featureSwitch),
  ),
  agents: z.exactOptional(
    z.object({
      enabled: z.exactOptional(z.boolean()),
      max_threads: z.exactOptional(z.int().positive()),
      max_depth: z.exactOptional(z.int().positive()),
    }),
  ),
  mcp_servers: z.exactOptional(z.record(z.string(), z.record(z.string(), z.unknown()))),
  rollout_trace: z.exactOptional(
    z.object({
      max_payload_bytes: z.exactOptional(z.int().nonnegative()),
      max_bytes: z.exactOptional(z.int().nonnegative()),
    }),
  ),
  compatibility: z.exactOptional(compatibility),
  error_policy: z.exactOptional(errorPolicy),
  beta_features: z.exactOptional(z.array(text)),
}) satisfies z.ZodType<Config>;

/** The top-level keys that mean something here. */
export const CONFIG_KEYS: readonly string[] = Object.keys(config.shape);

/** A configuration value of the wrong shape: which key, and what was expected. */
export interface ConfigShapeProblem {
  readonly path: readonly string[];
  /** e.g. `expected string, received number`. Never holds the value. */
  readonly expected: string;
}

/** Checks the shapes of the keys this program uses; other keys are left out. */
export function readConfig(
  table: unknown,
): { readonly config: Config } | { readonly problem: ConfigShapeProblem } {
  // Checked once: the function zod would generate for that costs more than the check.
  const result = config.safeParse(table, { jitless: true });
  if (result.success) return { config: result.data };
  const issue = result.error.issues[0];
  const expected = issue?.message.replace(/^Invalid (input|option): /, "") ?? "unexpected shape";
  return { problem: { path: (issue?.path ?? []).map(String), expected } };
}

/** The top-level keys nobody knows, neither this program nor Codex, whose file this is. */
export function unknownKeys(table: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(table).filter(
    (key) => !Object.hasOwn(config.shape, key) && !CODEX_ONLY_KEYS.has(key),
  );
}

/** Keys of the tables that are looked into. */
export const TABLE_KEYS: Readonly<Record<string, readonly string[]>> = {
  agents: Object.keys(config.shape.agents.unwrap().shape),
  features: FEATURE_NAMES,
  rollout_trace: Object.keys(config.shape.rollout_trace.unwrap().shape),
  sandbox_workspace_write: Object.keys(config.shape.sandbox_workspace_write.unwrap().shape),
  shell_environment_policy: [
    ...Object.keys(config.shape.shell_environment_policy.unwrap().shape),
    "experimental_use_profile",
  ],
  skills: [...Object.keys(config.shape.skills.unwrap().shape), "bundled", "config"],
};

/** Tables of which every key is known. Others hold names that users choose, or keys of Codex that come and go. */
const CLOSED_TABLES: ReadonlySet<string> = new Set([
  "rollout_trace",
  "sandbox_workspace_write",
  "shell_environment_policy",
]);

/** A key within a table that is a typing mistake. */
export interface UnknownTableKey {
  readonly table: string;
  readonly key: string;
}

/** The keys in tables nobody knows; in a table that is not closed those alone that look like a known one. */
export function unknownTableKeys(values: Readonly<Record<string, unknown>>): UnknownTableKey[] {
  return Object.entries(TABLE_KEYS).flatMap(([table, known]) => {
    const value = values[table];
    if (typeof value !== "object" || value === null) return [];
    return Object.keys(value)
      .filter((key) => !known.includes(key))
      .filter((key) => CLOSED_TABLES.has(table) || misspeltKey(key, known) !== undefined)
      .map((key) => ({ table, key }));
  });
}

/** Every top-level key that is no typing mistake. */
export function knownKeys(): string[] {
  return [...CONFIG_KEYS, ...CODEX_ONLY_KEYS];
}

/**
 * Keys of Codex 0.140 and 0.169 that mean nothing here (yet). They stand in files people share with Codex, so they are
 * no typing mistakes. Source: both binaries accept exactly these with `--strict-config`.
 */
const CODEX_ONLY_KEYS: ReadonlySet<string> = new Set(
  `allow_login_shell analytics approvals_reviewer apps audio auto_review background_terminal_max_timeout
  check_for_update_on_startup debug default_permissions desktop
  disable_paste_burst experimental_compact_prompt_file experimental_realtime_ws_base_url
  experimental_thread_config_endpoint experimental_use_unified_exec_tool feedback file_opener
  ghost_snapshot hide_agent_reasoning history hooks
  include_apps_instructions include_environment_context instructions js_repl_node_path log_dir marketplaces
  mcp_oauth_callback_port mcp_oauth_callback_url mcp_oauth_credentials_store memories
  model_supports_reasoning_summaries notice orchestrator
  otel permissions personality plan_mode_reasoning_effort plugins realtime review_model
  show_raw_agent_reasoning sqlite_home
  suppress_unstable_features_warning tool_suggest tui windows`.split(/\s+/),
);
