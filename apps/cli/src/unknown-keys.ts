import { MODEL_PROVIDER_KEYS } from "@codex-ts/model-provider";
import type { LoadedConfig } from "./config-file.ts";
import { TABLE_KEYS, type UnknownTableKey, knownKeys } from "./config-schema.ts";
import { CommandError } from "./errors.ts";
import { misspeltKey } from "./nearest.ts";
import { clipId } from "./render/clip.ts";

/** A file with more is no configuration, and each is compared with every known one. */
const MAX_UNKNOWN_KEYS = 1000;
/** Named in the warning. */
const MAX_NAMED_KEYS = 20;

/** Keys that decide where requests go, and with which credentials. */
const ROUTING_KEYS: ReadonlySet<string> = new Set([
  "auth",
  "base_url",
  "chatgpt_base_url",
  "env_http_headers",
  "env_key",
  "experimental_bearer_token",
  "http_headers",
  "model_provider",
  "model_providers",
  "openai_base_url",
  "query_params",
  "requires_openai_auth",
]);

/**
 * A line about keys nobody knows for each source that has some. Throws `CommandError` for a misspelt key that decides
 * where requests go and is not there in its right spelling: ignoring it would send them somewhere else. Throws one for
 * a file that has little else, and for the first one of a configuration that is read strictly.
 */
export function describeUnknownKeys(
  providerPaths: readonly string[],
  {
    config,
    unknownKeys,
    unknownTableKeys,
    isStrict,
    sourceOf,
  }: Pick<LoadedConfig, "config" | "unknownKeys" | "unknownTableKeys" | "isStrict" | "sourceOf">,
): readonly string[] {
  const count = unknownKeys.length + unknownTableKeys.length + providerPaths.length;
  if (count > MAX_UNKNOWN_KEYS) {
    const source = sourceOf((unknownKeys[0] ?? providerPaths[0] ?? "").split("."));
    throw new CommandError(`${source}: ${count} unknown keys: this is no configuration file`);
  }
  const keys = [
    ...unknownKeys.map((key) => ({ parents: [], key, known: knownKeys(), table: config })),
    ...unknownTableKeys.map(tableKey),
    ...providerPaths.map((path) => providerKey(path, config.model_providers ?? {})),
  ].map((unknown) => ({ ...unknown, meant: misspeltKey(unknown.key, unknown.known) }));
  const [first] = keys;
  if (isStrict && first !== undefined) {
    const path = [...first.parents, first.key];
    const hint = first.meant === undefined ? "" : `: did you mean ${first.meant}?`;
    throw new CommandError(
      `${sourceOf(path)}: unknown configuration key ${clipId(path.join("."))}${hint}`,
    );
  }
  for (const { parents, key, table, meant } of keys) {
    if (meant === undefined || !ROUTING_KEYS.has(meant) || Object.hasOwn(table, meant)) continue;
    const path = [...parents, key];
    throw new CommandError(
      `${sourceOf(path)}: unknown configuration key ${path.join(".")}: did you mean ${meant}? Nothing is sent before this is clear.`,
    );
  }
  const bySource = Map.groupBy(keys, ({ parents, key }) => sourceOf([...parents, key]));
  return [...bySource].map(([source, ofSource]) => {
    const named = ofSource.map(({ parents, key, meant }) => ({
      path: [...parents, key].join("."),
      meant,
    }));
    return `${source}: ${ignoredKeysLine(named)}`;
  });
}

/** The line about keys that are ignored, with the keys they were meant to be; `undefined` without any. */
export function ignoredKeysLine(
  keys: readonly { readonly path: string; readonly meant: string | undefined }[],
): string | undefined {
  if (keys.length === 0) return undefined;
  const named = keys.slice(0, MAX_NAMED_KEYS).map(({ path, meant }) => {
    const shown = clipId(path);
    return meant === undefined ? shown : `${shown} (did you mean ${meant}?)`;
  });
  const rest = keys.length - named.length;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return `unknown configuration keys are ignored: ${named.join(", ")}${more}`;
}

/** No key of these tables decides where requests go. */
function tableKey({ table, key }: UnknownTableKey): UnknownKey {
  return { parents: [table], key, known: TABLE_KEYS[table] ?? [], table: {} };
}

interface UnknownKey {
  /** Tables on the way to it. */
  readonly parents: readonly string[];
  readonly key: string;
  readonly known: readonly string[];
  /** The table that holds it. */
  readonly table: object;
}

/** `model_providers.<id>.<key>`; an id may have dots. Below the table of a provider nothing is guessed. */
function providerKey(path: string, providers: Readonly<Record<string, unknown>>): UnknownKey {
  const [root = ""] = path.split(".", 1);
  for (const [id, table] of Object.entries(providers)) {
    const prefix = `${root}.${id}.`;
    const key = path.slice(prefix.length);
    const isOwn = path.startsWith(prefix) && typeof table === "object" && table !== null;
    if (isOwn && Object.hasOwn(table, key)) {
      return { parents: [root, id], key, known: MODEL_PROVIDER_KEYS, table };
    }
  }
  return { parents: [], key: path, known: [], table: {} };
}
