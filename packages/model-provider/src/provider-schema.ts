import { z } from "zod";
import { ProviderConfigError } from "./errors.ts";

/** One provider table as written in the configuration file, shape checked, unknown keys removed. */
export interface ProviderTable {
  name?: string | undefined;
  base_url?: string | undefined;
  env_key?: string | undefined;
  env_key_instructions?: string | undefined;
  experimental_bearer_token?: string | undefined;
  auth?: AuthTable | undefined;
  aws?: { profile?: string | undefined; region?: string | undefined } | undefined;
  wire_api?: string | undefined;
  query_params?: Record<string, string> | undefined;
  http_headers?: Record<string, string> | undefined;
  env_http_headers?: Record<string, string> | undefined;
  request_max_retries?: number | undefined;
  stream_max_retries?: number | undefined;
  stream_idle_timeout_ms?: number | undefined;
  websocket_connect_timeout_ms?: number | undefined;
  requires_openai_auth?: boolean | undefined;
  supports_websockets?: boolean | undefined;
}

/** The `auth` table inside a provider table. */
export interface AuthTable {
  command: string;
  args?: string[] | undefined;
  timeout_ms?: number | undefined;
  refresh_interval_ms?: number | undefined;
  cwd?: string | undefined;
}

/** For what a process checks once or twice: the function zod would generate for that costs more than the check. */
export const CHECKED_ONCE = { jitless: true } as const;

const wholeNumber = z.int().nonnegative();
const stringTable = z.record(z.string(), z.string());

const authTable = z.object({
  command: z.string(),
  args: z.array(z.string()).optional(),
  timeout_ms: z.int().positive().optional(),
  refresh_interval_ms: wholeNumber.optional(),
  cwd: z.string().optional(),
}) satisfies z.ZodType<AuthTable>;

const awsTable = z.object({ profile: z.string().optional(), region: z.string().optional() });

const providerTable = z.object({
  name: z.string().optional(),
  base_url: z.string().optional(),
  env_key: z.string().optional(),
  env_key_instructions: z.string().optional(),
  experimental_bearer_token: z.string().optional(),
  auth: authTable.optional(),
  aws: awsTable.optional(),
  wire_api: z.string().optional(),
  query_params: stringTable.optional(),
  http_headers: stringTable.optional(),
  env_http_headers: stringTable.optional(),
  request_max_retries: wholeNumber.optional(),
  stream_max_retries: wholeNumber.optional(),
  stream_idle_timeout_ms: wholeNumber.optional(),
  websocket_connect_timeout_ms: wholeNumber.optional(),
  requires_openai_auth: z.boolean().optional(),
  supports_websockets: z.boolean().optional(),
}) satisfies z.ZodType<ProviderTable>;

/** Keys of a provider table. */
export const MODEL_PROVIDER_KEYS: readonly string[] = Object.keys(providerTable.shape);

/** A shape-checked table and the paths of the keys nobody knows. */
export interface ReadProviderTable {
  readonly table: ProviderTable;
  readonly unknownKeys: readonly string[];
}

/** Checks the shape of one provider table. Throws `ProviderConfigError` naming the key. */
export function parseProviderTable(path: string, value: unknown): ReadProviderTable {
  const result = providerTable.safeParse(value, CHECKED_ONCE);
  if (!result.success) throw shapeError(path, result.error);
  checkWireApi(path, result.data.wire_api);
  return { table: result.data, unknownKeys: findUnknownKeys(path, value) };
}

/** The first problem of a failed check as a configuration error. zod's messages never hold the value itself. */
export function shapeError(path: string, error: z.ZodError): ProviderConfigError {
  const issue = error.issues[0];
  const keyPath = [path, ...(issue?.path ?? [])].map(String).filter((part) => part !== "");
  const problem = (issue?.message ?? "has an unexpected shape").replace(/^Invalid input: /, "");
  return new ProviderConfigError(keyPath.join("."), problem, { cause: error });
}

function checkWireApi(path: string, wireApi: string | undefined): void {
  if (wireApi === undefined || wireApi === "responses") return;
  const key = `${path}.wire_api`;
  if (wireApi === "chat") {
    throw new ProviderConfigError(
      key,
      'the "chat" wire format is gone: set `wire_api = "responses"` or remove the key ' +
        "(background: https://github.com/openai/codex/discussions/7782)",
    );
  }
  throw new ProviderConfigError(key, `unknown variant \`${wireApi}\`, expected \`responses\``);
}

function findUnknownKeys(path: string, value: unknown): string[] {
  const table = value as Record<string, unknown>;
  return [
    ...unknownKeysOf(path, table, providerTable.shape),
    ...unknownKeysOf(`${path}.auth`, table["auth"], authTable.shape),
    ...unknownKeysOf(`${path}.aws`, table["aws"], awsTable.shape),
  ];
}

function unknownKeysOf(path: string, value: unknown, known: object): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value)
    .filter((key) => !Object.hasOwn(known, key))
    .map((key) => `${path}.${key}`);
}
