import { resolve } from "node:path";
import {
  BEDROCK_PROVIDER_ID,
  type BuiltInProvidersOptions,
  builtInProviders,
} from "./builtin-providers.ts";
import { ProviderConfigError } from "./errors.ts";
import {
  MAX_CONFIGURED_RETRIES,
  type ModelProviderInfo,
  type TokenCommandInfo,
  providerInfoWithDefaults,
} from "./provider-info.ts";
import { type AuthTable, type ProviderTable, parseProviderTable } from "./provider-schema.ts";
import { withHiddenValues } from "./internal/unprintable.ts";
import { Secret } from "./secret.ts";

const DEFAULT_COMMAND_TIMEOUT_MS = 5_000;
const DEFAULT_COMMAND_REFRESH_INTERVAL_MS = 300_000;

/** Options of {@link parseModelProviders}. */
export interface ParseModelProvidersOptions extends BuiltInProvidersOptions {
  /** A relative `auth.cwd` is resolved against this. Default: the working directory of the process. */
  readonly cwd?: string | undefined;
  /** Called at most once, with the dotted paths of all unknown keys. Default: they are ignored silently. */
  readonly onUnknownKeys?: ((paths: readonly string[]) => void) | undefined;
}

/**
 * Reads the `model_providers` table of a configuration file and adds the built-in providers.
 *
 * Every key is checked and given its default; unknown keys are ignored and reported. Throws `ProviderConfigError`
 * for a wrong shape, a reserved id or credentials that exclude each other. Source: docs/behavior/model-provider.md 2.
 */
export function parseModelProviders(
  table: unknown,
  options: ParseModelProvidersOptions,
): Map<string, ModelProviderInfo> {
  const providers = builtInProviders(options);
  const entries = readTables(table, options);
  checkReservedIds(entries, providers);
  for (const [id, entry] of entries) {
    checkEntry(id, entry);
    if (id === BEDROCK_PROVIDER_ID) mergeBedrock(providers, entry);
    else providers.set(id, toProviderInfo(entry, options));
  }
  return providers;
}

function readTables(
  table: unknown,
  options: ParseModelProvidersOptions,
): Map<string, ProviderTable> {
  const entries = new Map<string, ProviderTable>();
  if (table === undefined) return entries;
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    throw new ProviderConfigError("model_providers", "expected a table of provider tables");
  }
  const unknownKeys: string[] = [];
  for (const [id, value] of Object.entries(table)) {
    const read = parseProviderTable(`model_providers.${id}`, value);
    entries.set(id, read.table);
    unknownKeys.push(...read.unknownKeys);
  }
  if (unknownKeys.length > 0) options.onUnknownKeys?.(unknownKeys);
  return entries;
}

function checkReservedIds(
  entries: ReadonlyMap<string, ProviderTable>,
  builtIn: ReadonlyMap<string, ModelProviderInfo>,
): void {
  const reserved = [...entries.keys()]
    .filter((id) => builtIn.has(id) && id !== BEDROCK_PROVIDER_ID)
    .toSorted();
  if (reserved.length === 0) return;
  throw new ProviderConfigError(
    "",
    `model_providers contains reserved built-in provider IDs: ${reserved.map((id) => `\`${id}\``).join(", ")}. ` +
      `A built-in provider cannot be replaced; give yours another id, for example \`${reserved[0]}-custom\`.`,
  );
}

function checkEntry(id: string, entry: ProviderTable): void {
  const path = `model_providers.${id}`;
  const isBedrock = id === BEDROCK_PROVIDER_ID;
  if (entry.aws !== undefined && !isBedrock) {
    throw new ProviderConfigError(path, "provider aws is only supported for `amazon-bedrock`");
  }
  if (!isBedrock && (entry.name ?? "").trim() === "") {
    throw new ProviderConfigError(path, "provider name must not be empty");
  }
  if (entry.aws !== undefined) checkAwsConflicts(path, entry);
  if (entry.auth !== undefined) checkAuthConflicts(path, entry);
}

function checkAwsConflicts(path: string, entry: ProviderTable): void {
  if (entry.supports_websockets === true) {
    throw new ProviderConfigError(path, "provider aws cannot be combined with supports_websockets");
  }
  const conflicts = credentialKeys(entry);
  if (conflicts.length > 0) {
    throw new ProviderConfigError(
      path,
      `provider aws cannot be combined with ${conflicts.join(", ")}`,
    );
  }
}

function checkAuthConflicts(path: string, entry: ProviderTable): void {
  if (entry.auth?.command.trim() === "") {
    throw new ProviderConfigError(path, "provider auth.command must not be empty");
  }
  const conflicts = credentialKeys(entry).filter((key) => key !== "auth");
  if (conflicts.length > 0) {
    throw new ProviderConfigError(
      path,
      `provider auth cannot be combined with ${conflicts.join(", ")}`,
    );
  }
}

/** The credential keys a table sets, in the order messages list them. */
function credentialKeys(entry: ProviderTable): string[] {
  const keys: string[] = [];
  if (entry.env_key !== undefined) keys.push("env_key");
  if (entry.experimental_bearer_token !== undefined) keys.push("experimental_bearer_token");
  if (entry.auth !== undefined) keys.push("auth");
  if (entry.requires_openai_auth === true) keys.push("requires_openai_auth");
  return keys;
}

function mergeBedrock(providers: Map<string, ModelProviderInfo>, entry: ProviderTable): void {
  const builtIn = providers.get(BEDROCK_PROVIDER_ID);
  if (builtIn === undefined) return;
  const { aws, ...rest } = entry;
  const changed = Object.values(rest).some((value) => value !== undefined && value !== false);
  if (changed) {
    throw new ProviderConfigError(
      `model_providers.${BEDROCK_PROVIDER_ID}`,
      "only `aws.profile` and `aws.region` of this built-in provider can be changed; remove the other keys",
    );
  }
  providers.set(BEDROCK_PROVIDER_ID, { ...builtIn, aws: aws ?? {} });
}

function toProviderInfo(
  entry: ProviderTable,
  options: ParseModelProvidersOptions,
): ModelProviderInfo {
  const defaults = providerInfoWithDefaults({ name: entry.name ?? "" });
  const token = entry.experimental_bearer_token;
  return {
    ...defaults,
    baseUrl: entry.base_url,
    envKey: entry.env_key,
    envKeyInstructions: entry.env_key_instructions,
    experimentalBearerToken: token === undefined ? undefined : new Secret(token),
    auth: entry.auth === undefined ? undefined : toTokenCommand(entry.auth, options.cwd),
    queryParams: hidden(entry.query_params),
    httpHeaders: hidden(entry.http_headers),
    envHttpHeaders: entry.env_http_headers,
    requestMaxRetries: capRetries(entry.request_max_retries ?? defaults.requestMaxRetries),
    streamMaxRetries: capRetries(entry.stream_max_retries ?? defaults.streamMaxRetries),
    streamIdleTimeoutMs: entry.stream_idle_timeout_ms ?? defaults.streamIdleTimeoutMs,
    websocketConnectTimeoutMs:
      entry.websocket_connect_timeout_ms ?? defaults.websocketConnectTimeoutMs,
    requiresOpenaiAuth: entry.requires_openai_auth ?? false,
    supportsWebsockets: entry.supports_websockets ?? false,
  };
}

function toTokenCommand(auth: AuthTable, cwd: string | undefined): TokenCommandInfo {
  return {
    command: auth.command,
    args: auth.args ?? [],
    timeoutMs: auth.timeout_ms ?? DEFAULT_COMMAND_TIMEOUT_MS,
    refreshIntervalMs: auth.refresh_interval_ms ?? DEFAULT_COMMAND_REFRESH_INTERVAL_MS,
    // The working directory may change later; what the file said at load time counts.
    cwd: auth.cwd === undefined ? cwd : resolve(cwd ?? ".", auth.cwd),
  };
}

function hidden(table: Record<string, string> | undefined) {
  return table === undefined ? undefined : withHiddenValues(table);
}

function capRetries(count: number): number {
  return Math.min(count, MAX_CONFIGURED_RETRIES);
}
