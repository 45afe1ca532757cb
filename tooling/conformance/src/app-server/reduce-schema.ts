import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";

/** The part of an app server's schema that tests of ours need: by method, and what those refer to. */
export interface ReducedSchema {
  /** Schemas of the parameters of notifications. */
  readonly notifications: JsonObject;
  /** Schemas of the parameters of requests to the client. */
  readonly serverRequests: JsonObject;
  /** Schemas of results. */
  readonly responses: JsonObject;
  readonly definitions: JsonObject;
}

/** Names of the result of a method, where they do not follow from its name. */
const RESPONSES: Readonly<Record<string, string>> = {
  initialize: "v1/InitializeResponse",
  "account/read": "v2/GetAccountResponse",
  "mcpServerStatus/list": "v2/ListMcpServerStatusResponse",
  "mcpServer/resource/read": "v2/McpResourceReadResponse",
  "thread/name/set": "v2/ThreadSetNameResponse",
  "thread/compact/start": "v2/ThreadCompactStartResponse",
};

/** Reads what a binary has generated, and keeps what the methods need, without words for people. */
export function reduceSchema(
  directory: string,
  methods: { readonly requests: readonly string[]; readonly notifications: readonly string[] },
): ReducedSchema {
  const kept = new Definitions();
  const byMethod = (file: string, wanted?: readonly string[]): JsonObject => {
    const schema = readSchema(directory, file);
    kept.offer(schema);
    const found: [string, JsonValue][] = [];
    for (const variant of list(schema["oneOf"])) {
      const method = list(property(variant, "method")["enum"])[0];
      if (typeof method !== "string" || wanted?.includes(method) === false) continue;
      found.push([method, kept.keep(property(variant, "params"))]);
    }
    return Object.fromEntries(found);
  };
  const notifications = byMethod("ServerNotification", methods.notifications);
  const serverRequests = byMethod("ServerRequest", [
    "item/tool/call",
    "item/tool/requestUserInput",
    "mcpServer/elicitation/request",
    "item/commandExecution/requestApproval",
    "item/fileChange/requestApproval",
  ]);
  const responses = methods.requests.flatMap((method): [string, JsonValue][] => {
    const schema = responseSchema(directory, method);
    if (schema === undefined) return [];
    kept.offer(schema);
    const { definitions: _, $schema: __, ...root } = schema;
    return [[method, kept.keep(root)]];
  });
  return {
    notifications,
    serverRequests,
    responses: Object.fromEntries(responses),
    definitions: kept.result(),
  };
}

/** Definitions that are referred to, and what those refer to. */
class Definitions {
  readonly #offered = new Map<string, JsonValue>();
  readonly #kept = new Map<string, JsonValue>();

  offer(schema: JsonObject): void {
    const { definitions } = schema;
    if (!isJsonObject(definitions)) return;
    for (const [name, definition] of Object.entries(definitions)) {
      if (!this.#offered.has(name)) this.#offered.set(name, definition ?? true);
    }
  }

  keep(schema: JsonValue): JsonValue {
    if (Array.isArray(schema)) return schema.map((part) => this.keep(part));
    if (!isJsonObject(schema)) return schema;
    const entries = Object.entries(schema)
      .filter(([key, value]) => !(WORDS.has(key) && typeof value === "string"))
      .filter(([key]) => key !== "default")
      .map(([key, value]) => [key, this.keep(value ?? null)] as const);
    const { $ref: reference } = schema;
    if (typeof reference === "string") this.#follow(reference.split("/").at(-1) ?? "");
    return Object.fromEntries(entries);
  }

  result(): JsonObject {
    const sorted = [...this.#kept].toSorted(([one], [other]) => (one < other ? -1 : 1));
    return Object.fromEntries(sorted);
  }

  #follow(name: string): void {
    if (this.#kept.has(name)) return;
    this.#kept.set(name, true);
    this.#kept.set(name, this.keep(this.#offered.get(name) ?? true));
  }
}

/** Members that are for people, where they are texts: a property may have such a name, too. */
const WORDS: ReadonlySet<string> = new Set(["description", "title", "format"]);

function responseSchema(directory: string, method: string): JsonObject | undefined {
  const name = method
    .split("/")
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join("");
  try {
    return readSchema(directory, RESPONSES[method] ?? `v2/${name}Response`);
  } catch (error) {
    // One generation's methods are not the other's.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readSchema(directory: string, name: string): JsonObject {
  const schema: unknown = JSON.parse(readFileSync(join(directory, `${name}.json`), "utf8"));
  if (!isJsonObject(schema)) throw new Error(`${name}.json holds no schema`);
  return schema;
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function property(schema: JsonValue, name: string): JsonObject {
  const properties = isJsonObject(schema) ? schema["properties"] : undefined;
  const found = isJsonObject(properties) ? properties[name] : undefined;
  return isJsonObject(found) ? found : {};
}
