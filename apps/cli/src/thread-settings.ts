import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Network } from "@codex-ts/api";
import {
  type ApprovalPolicy,
  type KeptThreadOptions,
  type McpServers,
  type SandboxMode,
  type ThreadOptions,
  readExecPolicy,
  readProjectInstructions,
  readSkills,
} from "@codex-ts/core";
import { subagents } from "./agent-settings.ts";
import type { CliProcess } from "./cli-process.ts";
import { codexHome, readInstallationId } from "./codex-home.ts";
import { type LoadedConfig, loadConfigFor } from "./config-file.ts";
import type { ConfigOverride } from "./config-overrides.ts";
import type { Config } from "./config-schema.ts";
import { offeredModels, readModels } from "./configured-models.ts";
import { CommandError, describeError, fileProblem } from "./errors.ts";
import { LOCAL_PROVIDERS, type LocalProvider } from "./exec-choices.ts";
import { isSwitchedOn } from "./features-in-use.ts";
import { given } from "./given.ts";
import type { GlobalOptions } from "./global-options.ts";
import type { ListClient } from "./listed-models.ts";
import { makeDirectory } from "./make-directory.ts";
import { readProvider } from "./provider.ts";
import { readTextFile } from "./read-text-file.ts";
import { type Recording, readRecording } from "./trace-flags.ts";
import { cliVersion } from "./version.ts";

/** No model takes a text beyond this one. */
const MAX_INSTRUCTIONS_BYTES = 1024 * 1024;
/** The model that servers of this machine are asked for by default. Source: Codex 0.140 and 0.171. */
const LOCAL_MODELS: Readonly<Record<LocalProvider, string>> = {
  lmstudio: "openai/gpt-oss-20b",
  ollama: "gpt-oss:20b",
};

/** Flags of the command line about a thread, checked. */
export interface ThreadFlags extends GlobalOptions {
  /** `-C`, relative to the working directory. */
  readonly cd?: string | undefined;
  /** The directory need not be there: a client finds out when it runs a command. Default false. */
  readonly isDirectoryOptional?: boolean | undefined;
  readonly model?: string | undefined;
  /** Default: what the environment asks for. */
  readonly recording?: Recording | undefined;
  /** `-s`; wins over `sandbox_mode`. */
  readonly sandbox?: SandboxMode | undefined;
  /** `--add-dir`, relative to the working directory. */
  readonly addDir?: readonly string[] | undefined;
  readonly dangerouslyBypassApprovalsAndSandbox?: boolean | undefined;
  readonly ephemeral?: boolean | undefined;
  /** `--ignore-rules`: the rules of the user about commands do not hold. */
  readonly ignoreRules?: boolean | undefined;
  readonly threadSource?: string | undefined;
  /** `--oss`: a model server of this machine is used. */
  readonly local?: { readonly provider?: LocalProvider } | undefined;
  /** Configuration values that win over all others. */
  readonly overrides?: readonly ConfigOverride[] | undefined;
}

/** Settings of a thread that is kept, unless it is ephemeral. */
export type ThreadSettings = KeptThreadOptions;

/** Working directory of the agent. Throws when it is no directory. */
export function agentDirectory(flags: ThreadFlags, { cwd }: CliProcess): string {
  const directory = resolve(cwd, flags.cd ?? ".");
  if (flags.isDirectoryOptional === true) return directory;
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return directory;
  throw new CommandError(`-C ${flags.cd ?? directory}: there is no such directory`);
}

/** A thread as it is configured. */
export interface ConfiguredThread {
  /** Everything `createThread` needs. */
  readonly settings: ThreadSettings;
  readonly config: Config;
}

/** Most configurations have no servers: what reads their tables is not loaded for them. */
async function readMcpServers(
  loaded: LoadedConfig,
  warn: (message: string) => void,
): Promise<McpServers | undefined> {
  if (loaded.config.mcp_servers === undefined) return undefined;
  const { mcpServers } = await import("./mcp-servers.ts");
  return mcpServers(loaded, warn);
}

/** Settings of a thread, from the configuration file, the command line, the environment and the login. */
export async function threadSettings(
  flags: ThreadFlags,
  cliProcess: CliProcess,
  {
    network,
    warn,
    canAsk,
    client,
  }: {
    readonly network: Network;
    readonly warn: (message: string) => void;
    /** Whether a client can be asked for approvals. */
    readonly canAsk: boolean;
    /** Default: this program. */
    readonly client?: ListClient;
  },
): Promise<ConfiguredThread> {
  const home = codexHome(cliProcess);
  const cwd = agentDirectory(flags, cliProcess);
  const { loaded, model } = loadThreadConfig(flags, { home, cwd });
  const { config } = loaded;
  for (const warning of loaded.warnings) warn(warning);
  const provider = await readProvider({ loaded, home, cliProcess, network, warn });
  const isBypassed = flags.dangerouslyBypassApprovalsAndSandbox === true;
  const sandboxMode = isBypassed ? "danger-full-access" : (flags.sandbox ?? config.sandbox_mode);
  const models = await readModels(model, config, {
    home,
    file: loaded.file,
    warn,
    list: () => offeredModels(provider, { config, home, cliProcess, network, client }),
  });
  const settings: ThreadSettings = {
    provider,
    ...models,
    ...subagents(config, models),
    ...given({ mcpServers: await readMcpServers(loaded, warn) }),
    cwd,
    codexHome: home,
    ephemeral: flags.ephemeral === true,
    installationId: readInstallationId(home, warn),
    ...(sandboxMode !== undefined && { sandboxMode }),
    approvalPolicy: isBypassed ? "never" : approvalPolicy(loaded, canAsk),
    ...(flags.ignoreRules !== true && execPolicy(home, warn)),
    ...traceOptions(flags.recording ?? readRecording({}, cliProcess.env), {
      cwd: cliProcess.cwd,
      limits: config.rollout_trace,
      warn,
    }),
    sessionSource: "exec",
    ...given({ threadSource: flags.threadSource }),
    clientVersion: cliVersion(),
    env: cliProcess.env,
    workspaceWrite: workspaceWrite(config, addedDirectories(flags, cliProcess)),
    commandEnvironment: commandEnvironment(config.shell_environment_policy),
    network,
    ...client,
    onWarning: warn,
    ...(await userInstructions(config, { cwd, home, warn })),
    ...(await skills(config, { cwd, home, warn, env: cliProcess.env })),
    ...configuredOptions(config, { home, model: models.model }),
  };
  return { settings, config };
}

/** The configuration, and the model: with `--oss` those of a server of this machine. */
function loadThreadConfig(
  flags: ThreadFlags,
  { home, cwd }: { readonly home: string; readonly cwd: string },
): { readonly loaded: LoadedConfig; readonly model: string | undefined } {
  const { overrides = [] } = flags;
  const loaded = loadConfigFor(flags, home, { overrides, cwd });
  if (flags.local === undefined) return { loaded, model: flags.model ?? loaded.config.model };
  const provider = flags.local.provider ?? toLocalProvider(loaded);
  const override = { path: ["model_provider"], value: provider };
  return {
    loaded: loadConfigFor(flags, home, { overrides: [...overrides, override], cwd }),
    model: flags.model ?? LOCAL_MODELS[provider],
  };
}

/** Throws for the policy that 0.171 has given up, as it does. */
function approvalPolicy({ config, sourceOf }: LoadedConfig, canAsk: boolean): ApprovalPolicy {
  const { approval_policy: policy = "on-request", compatibility } = config;
  if (policy !== "untrusted" || compatibility === "0.140") return canAsk ? policy : "never";
  const source = sourceOf(["approval_policy"]);
  throw new CommandError(
    `${source}: approval_policy: Codex 0.171 has given up "untrusted": remove it, or set compatibility = "0.140"`,
  );
}

function toLocalProvider({ config, sourceOf }: LoadedConfig): LocalProvider {
  const { oss_provider: name } = config;
  const choices = LOCAL_PROVIDERS.join(" or ");
  if (name === undefined) {
    throw new CommandError(`--oss: say which server with --local-provider: ${choices}`);
  }
  const provider = LOCAL_PROVIDERS.find((known) => known === name);
  if (provider !== undefined) return provider;
  throw new CommandError(`${sourceOf(["oss_provider"])}: oss_provider: expected ${choices}`);
}

/** Throws when one is no directory: nothing could be written there. */
function addedDirectories({ addDir = [] }: ThreadFlags, { cwd }: CliProcess): readonly string[] {
  return addDir.map((path) => {
    const directory = resolve(cwd, path);
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return directory;
    throw new CommandError(`--add-dir ${path}: there is no such directory`);
  });
}

function workspaceWrite(
  { sandbox_workspace_write: options = {} }: Config,
  added: readonly string[],
): NonNullable<ThreadOptions["workspaceWrite"]> {
  return {
    writableRoots: [...added, ...(options.writable_roots ?? [])],
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
  { root, schemaVersion, wireLog }: Recording,
  {
    cwd,
    limits,
    warn,
  }: {
    readonly cwd: string;
    readonly limits: Config["rollout_trace"];
    readonly warn: (message: string) => void;
  },
): Pick<ThreadOptions, "trace"> {
  if (root === undefined) return {};
  const directory = resolve(cwd, root);
  try {
    makeDirectory(directory);
    return {
      trace: {
        root: directory,
        ...given({
          schemaVersion,
          wireLog,
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
      `nothing is recorded in ${directory}: ${problem}; give a directory that can be made with --trace`,
    );
    return {};
  }
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
  const { text, hasProjectFiles, files, warnings } = await readProjectInstructions({
    cwd,
    codexHome: home,
    maxProjectBytes: config.project_doc_max_bytes,
    fallbackFilenames: config.project_doc_fallback_filenames,
    rootMarkers: config.project_root_markers,
  });
  for (const warning of warnings) warn(warning);
  return text === undefined ? {} : { userInstructions: { text, hasProjectFiles, files } };
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

/** Codex's switches of code mode, which count for models that do not say what they are made for. */
function codeMode(
  { code_mode, code_mode_only }: NonNullable<Config["features"]>,
  model: ThreadOptions["model"],
): ThreadOptions["codeMode"] {
  if (typeof model === "object" && model.tool_mode !== undefined) return undefined;
  if (isSwitchedOn(code_mode_only) === true) return "only";
  return isSwitchedOn(code_mode) === true ? "with_tools" : undefined;
}

/** How the server searches the web: among kept pages, unless the configuration says otherwise. */
function webSearch({ web_search: mode = "cached", tools }: Config): ThreadOptions["webSearch"] {
  const { web_search: table } = tools ?? {};
  if (table === false) return "disabled";
  if (typeof table !== "object") return mode;
  return {
    mode,
    contextSize: table.context_size,
    allowedDomains: table.allowed_domains,
    location: table.location,
  };
}

/** The options that go through unchanged. */
function configuredOptions(
  config: Config,
  { home, model }: { readonly home: string; readonly model: ThreadOptions["model"] },
): Partial<ThreadOptions> {
  const { features = {} } = config;
  return given({
    baseInstructions: readInstructions(config, home),
    developerInstructions: config.developer_instructions,
    includePermissionsInstructions: config.include_permissions_instructions,
    reasoningEffort: config.model_reasoning_effort,
    reasoningSummary: config.model_reasoning_summary,
    verbosity: config.model_verbosity,
    serviceTier: config.service_tier,
    compactPrompt: config.compact_prompt,
    remoteCompaction: isSwitchedOn(features.remote_compaction_v2) === false ? "v1" : undefined,
    codeMode: codeMode(features, model),
    questionsInEveryMode:
      isSwitchedOn(features.default_mode_request_user_input) === true ? true : undefined,
    webSearch: webSearch(config),
    unifiedExec: isSwitchedOn(features.unified_exec) === false ? false : undefined,
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
