import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Network } from "@codex-ts/api";
import {
  type KeptThreadOptions,
  type SandboxMode,
  type ThreadOptions,
  readExecPolicy,
  readProjectInstructions,
  readSkills,
} from "@codex-ts/core";
import {
  ProviderError,
  type ModelInfo,
  fallbackModelInfo,
  findModelInfo,
  readModelCatalog,
  withModelOverrides,
} from "@codex-ts/model-provider";
import { subagents } from "./agent-settings.ts";
import type { CliProcess } from "./cli-process.ts";
import { codexHome, readInstallationId } from "./codex-home.ts";
import { loadConfigFor } from "./config-file.ts";
import type { ConfigOverride } from "./config-overrides.ts";
import { type Config, SANDBOX_MODES } from "./config-schema.ts";
import { CommandError, UsageError, describeError, fileProblem } from "./errors.ts";
import { given } from "./given.ts";
import type { GlobalOptions } from "./global-options.ts";
import { makeDirectory } from "./make-directory.ts";
import { readProvider } from "./provider.ts";
import { readTextFile } from "./read-text-file.ts";
import { cliVersion } from "./version.ts";

/** Of some hundred models, with the instructions of each. */
const MAX_CATALOG_BYTES = 16 * 1024 * 1024;
/** No model takes a text beyond this one. */
const MAX_INSTRUCTIONS_BYTES = 1024 * 1024;

/** Flags of the command line about a thread. */
export interface ThreadFlags extends GlobalOptions {
  /** `-C`, relative to the working directory. */
  readonly cd?: string | undefined;
  readonly model?: string | undefined;
  /** `--trace`; wins over `CODEX_ROLLOUT_TRACE_ROOT`. */
  readonly trace?: string | undefined;
  /** `--trace-schema`. */
  readonly traceSchema?: string | undefined;
  /** False by `--no-wire-log`. */
  readonly wireLog?: boolean | undefined;
  /** `--wire`. */
  readonly wire?: "frames" | undefined;
  /** `-s`; wins over `sandbox_mode`. */
  readonly sandbox?: string | undefined;
  readonly dangerouslyBypassApprovalsAndSandbox?: boolean | undefined;
  readonly ephemeral?: boolean | undefined;
  /** Configuration values that win over all others. */
  readonly overrides?: readonly ConfigOverride[] | undefined;
}

/** Settings of a thread that is kept, unless it is ephemeral. */
export type ThreadSettings = KeptThreadOptions;

/** Working directory of the agent. Throws when it is no directory. */
export function agentDirectory(flags: ThreadFlags, { cwd }: CliProcess): string {
  const directory = resolve(cwd, flags.cd ?? ".");
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return directory;
  throw new CommandError(`-C ${flags.cd ?? directory}: there is no such directory`);
}

/** Everything `createThread` needs, from the configuration file, the command line, the environment and the login. */
export async function threadSettings(
  flags: ThreadFlags,
  cliProcess: CliProcess,
  {
    network,
    warn,
    canAsk,
  }: {
    readonly network: Network;
    readonly warn: (message: string) => void;
    /** Whether a client can be asked for approvals. */
    readonly canAsk: boolean;
  },
): Promise<ThreadSettings> {
  const home = codexHome(cliProcess);
  const loaded = loadConfigFor(flags, home, flags.overrides);
  const { config } = loaded;
  const provider = await readProvider({ loaded, home, cliProcess, network, warn });
  const cwd = agentDirectory(flags, cliProcess);
  const isBypassed = flags.dangerouslyBypassApprovalsAndSandbox === true;
  const sandboxMode = isBypassed
    ? "danger-full-access"
    : (toSandboxMode(flags.sandbox) ?? config.sandbox_mode);
  const models = readModels(flags.model ?? config.model, config, {
    home,
    file: loaded.file,
    warn,
  });
  return {
    provider,
    ...models,
    ...subagents(config, models),
    cwd,
    codexHome: home,
    ephemeral: flags.ephemeral === true,
    installationId: readInstallationId(home, warn),
    ...(sandboxMode !== undefined && { sandboxMode }),
    approvalPolicy: canAsk && !isBypassed ? (config.approval_policy ?? "on-request") : "never",
    ...execPolicy(home, warn),
    ...traceOptions(flags, cliProcess, { limits: config.rollout_trace, warn }),
    sessionSource: "exec",
    clientVersion: cliVersion(),
    env: cliProcess.env,
    workspaceWrite: workspaceWrite(config.sandbox_workspace_write),
    commandEnvironment: commandEnvironment(config.shell_environment_policy),
    network,
    onWarning: warn,
    ...(await userInstructions(config, { cwd, home, warn })),
    ...(await skills(config, { cwd, home, warn, env: cliProcess.env })),
    ...configuredOptions(config, home),
  };
}

function toSandboxMode(text: string | undefined): SandboxMode | undefined {
  const mode = SANDBOX_MODES.find((known) => known === text);
  if (text === undefined || mode !== undefined) return mode;
  throw new UsageError(`--sandbox ${text}: expected ${SANDBOX_MODES.join(", ")}`);
}

function workspaceWrite(
  options: Config["sandbox_workspace_write"] = {},
): NonNullable<ThreadOptions["workspaceWrite"]> {
  return {
    writableRoots: options.writable_roots,
    networkAccess: options.network_access,
    excludeTmpdir: options.exclude_tmpdir_env_var,
    excludeSlashTmp: options.exclude_slash_tmp,
  };
}

function commandEnvironment(
  policy: Config["shell_environment_policy"] = {},
): NonNullable<ThreadOptions["commandEnvironment"]> {
  const { inherit, ignore_default_excludes: keepsSecretNames = true, include_only } = policy;
  return {
    inherit,
    excludeSecretNames: !keepsSecretNames,
    exclude: policy.exclude,
    set: policy.set,
    includeOnly: include_only,
  };
}

/** Recording is never worth a failed turn: without a usable directory there is a warning and no trace. */
function traceOptions(
  { trace, traceSchema, wireLog, wire }: ThreadFlags,
  { env, cwd }: CliProcess,
  {
    limits,
    warn,
  }: { readonly limits: Config["rollout_trace"]; readonly warn: (message: string) => void },
): Pick<ThreadOptions, "trace"> {
  if (wireLog === false && wire !== undefined) {
    throw new UsageError("--no-wire-log and --wire exclude each other");
  }
  if (trace === "") throw new UsageError("--trace needs a directory, its argument is empty");
  const schemaVersion = traceSchema === undefined ? undefined : toSchemaVersion(traceSchema);
  const directory = trace ?? env["CODEX_ROLLOUT_TRACE_ROOT"];
  if (directory === undefined || directory === "") {
    if (wire !== undefined) throw new UsageError("--wire: nothing is recorded without --trace DIR");
    if (schemaVersion === undefined) return {};
    throw new UsageError("--trace-schema: nothing is recorded without --trace DIR");
  }
  const root = resolve(cwd, directory);
  try {
    makeDirectory(root);
    return {
      trace: {
        root,
        ...given({
          schemaVersion,
          wireLog: wireLog === false ? wireLog : wire,
          limits: limits && {
            maxPayloadBytes: limits.max_payload_bytes,
            maxBytes: limits.max_bytes,
          },
        }),
      },
    };
  } catch (error) {
    const problem = describeError(error, false);
    warn(
      `nothing is recorded in ${root}: ${problem}; give a directory that can be made with --trace`,
    );
    return {};
  }
}

const SCHEMA_VERSIONS = [1, 2, 3] as const;

function toSchemaVersion(text: string): (typeof SCHEMA_VERSIONS)[number] {
  const version = SCHEMA_VERSIONS.find((known) => String(known) === text);
  if (version !== undefined) return version;
  throw new UsageError(`--trace-schema ${text}: expected 1, 2 or 3`);
}

/** The rules of the user about commands. */
function execPolicy(
  home: string,
  warn: (message: string) => void,
): Pick<ThreadOptions, "execPolicy"> {
  const found = readExecPolicy({ codexHome: home });
  for (const warning of found.warnings) warn(warning);
  return { execPolicy: found.execPolicy };
}

/** The texts of `AGENTS.md` files of the user and the project. */
async function userInstructions(
  config: Config,
  { cwd, home, warn }: { cwd: string; home: string; warn: (message: string) => void },
): Promise<Pick<ThreadOptions, "userInstructions">> {
  const { text, hasProjectFiles, warnings } = await readProjectInstructions({
    cwd,
    codexHome: home,
    maxProjectBytes: config.project_doc_max_bytes,
    fallbackFilenames: config.project_doc_fallback_filenames,
    rootMarkers: config.project_root_markers,
  });
  for (const warning of warnings) warn(warning);
  return text === undefined ? {} : { userInstructions: { text, hasProjectFiles } };
}

/** The skills of the user and the project, unless the model is to read of none. */
export async function skills(
  config: Config,
  {
    cwd,
    home,
    warn,
    env,
  }: { cwd: string; home: string; warn: (message: string) => void; env: CliProcess["env"] },
): Promise<Pick<ThreadOptions, "skills">> {
  if (config.skills?.include_instructions === false) return {};
  const found = await readSkills({
    cwd,
    codexHome: home,
    userHome: env["HOME"],
    rootMarkers: config.project_root_markers,
  });
  for (const warning of found.warnings) warn(warning);
  return { skills: found.skills };
}

/** The model as the configuration wants it, and those of the catalog. */
export function readModels(
  model: string | undefined,
  config: Config,
  files: { home: string; file: string; warn: (message: string) => void },
): Pick<ThreadOptions, "model" | "models"> {
  const { found, models } = findModel(model, config, files);
  return { model: asConfigured(found, config), ...(models !== undefined && { models }) };
}

function asConfigured(found: string | ModelInfo, config: Config): string | ModelInfo {
  const {
    model_context_window: contextWindow,
    model_auto_compact_token_limit: autoCompactTokenLimit,
    tool_output_token_limit: toolOutputTokenLimit,
    compatibility,
  } = config;
  const overrides = { contextWindow, autoCompactTokenLimit, toolOutputTokenLimit };
  if (Object.values(overrides).every((value) => value === undefined)) return found;
  const info = typeof found === "string" ? fallbackModelInfo(found, { compatibility }) : found;
  return withModelOverrides(info, overrides);
}

function findModel(
  model: string | undefined,
  config: Config,
  { home, file, warn }: { home: string; file: string; warn: (message: string) => void },
): { readonly found: string | ModelInfo; readonly models?: readonly ModelInfo[] } {
  if (model === undefined || model.trim() === "") {
    throw new CommandError(`no model configured: pass -m MODEL, or set model = "..." in ${file}`);
  }
  if (config.model_catalog_json === undefined) return { found: model };
  const catalogFile = resolve(home, config.model_catalog_json);
  const { compatibility } = config;
  const models = readCatalogFile(catalogFile);
  const { info, usedFallback } = findModelInfo(models, model, { compatibility });
  if (usedFallback) warn(`model ${model} is not in ${catalogFile}: using careful defaults for it`);
  return { found: info, models };
}

export function readCatalogFile(file: string): readonly ModelInfo[] {
  try {
    return readModelCatalog(readTextFile(file, { maxBytes: MAX_CATALOG_BYTES }));
  } catch (error) {
    const problem = ProviderError.is(error) ? describeError(error, false) : fileProblem(error);
    throw new CommandError(`model_catalog_json ${file}: ${problem}`, { cause: error });
  }
}

/** Codex's switches of code mode; nothing when neither is set, and the model decides. */
function codeMode(features: NonNullable<Config["features"]>): ThreadOptions["codeMode"] {
  if (features["code_mode_only"] === true) return "only";
  if (features["code_mode"] === true) return "with_tools";
  return features["code_mode"] === false ? "off" : undefined;
}

/** The options that go through unchanged. */
function configuredOptions(config: Config, home: string): Partial<ThreadOptions> {
  return given({
    baseInstructions: readInstructions(config, home),
    developerInstructions: config.developer_instructions,
    includePermissionsInstructions: config.include_permissions_instructions,
    reasoningEffort: config.model_reasoning_effort,
    reasoningSummary: config.model_reasoning_summary,
    verbosity: config.model_verbosity,
    serviceTier: config.service_tier,
    compactPrompt: config.compact_prompt,
    remoteCompaction: config.features?.["remote_compaction_v2"] === false ? "v1" : undefined,
    codeMode: codeMode(config.features ?? {}),
    compatibility: config.compatibility,
    errorPolicy: config.error_policy,
    betaFeatures: config.beta_features,
    streamMaxDurationMs: config.stream_max_duration_ms,
    turnMaxRequests: config.turn_max_requests,
    firstResponseTimeoutMs: config.first_response_timeout_ms,
    httpOnly: config.http_only,
  });
}

function readInstructions(config: Config, home: string): string | undefined {
  if (config.model_instructions_file === undefined) return undefined;
  const file = resolve(home, config.model_instructions_file);
  try {
    return readTextFile(file, { maxBytes: MAX_INSTRUCTIONS_BYTES }).trim();
  } catch (error) {
    throw new CommandError(`model_instructions_file ${file}: ${fileProblem(error)}`, {
      cause: error,
    });
  }
}
