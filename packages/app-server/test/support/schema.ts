import { readFileSync } from "node:fs";
import type { Compatibility } from "@codex-ts/protocol";
import { Ajv } from "ajv";
import type { ValidateFunction } from "ajv";

/** What a real Codex has generated, as far as our messages need it; `pnpm conformance:app-server-schema` writes it. */
interface KeptSchema {
  readonly notifications: Readonly<Record<string, object>>;
  readonly serverRequests: Readonly<Record<string, object>>;
  readonly responses: Readonly<Record<string, object>>;
  readonly definitions: object;
}

const loaded = new Map<Compatibility, SchemaCheck>();

/** The schema of one generation. */
export function schemaOf(generation: Compatibility): SchemaCheck {
  const known = loaded.get(generation) ?? new SchemaCheck(generation);
  loaded.set(generation, known);
  return known;
}

/** Checks messages of the server. */
export class SchemaCheck {
  readonly #schema: KeptSchema;
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(generation: Compatibility) {
    const file = new URL(`../schema/${generation}.json`, import.meta.url);
    this.#schema = JSON.parse(readFileSync(file, "utf8")) as KeptSchema;
  }

  /** What is wrong with a message that the server sent; none when it is valid. */
  problems(
    message: {
      readonly method?: string;
      readonly id?: unknown;
      readonly params?: unknown;
      readonly result?: unknown;
    },
    answeredMethod: string | undefined,
  ): readonly string[] {
    if (message.method !== undefined) {
      const kind = message.id === undefined ? "notifications" : "serverRequests";
      return this.#check(kind, message.method, message.params);
    }
    // An error, or a result that no schema is generated for.
    if (!("result" in message) || answeredMethod === undefined) return [];
    return answeredMethod === "getAuthStatus"
      ? []
      : this.#check("responses", answeredMethod, message.result);
  }

  #check(
    kind: "notifications" | "serverRequests" | "responses",
    method: string,
    value: unknown,
  ): readonly string[] {
    const schema = this.#schema[kind][method];
    if (schema === undefined) return [`${method} is not among the ${kind} of this generation`];
    const { definitions } = this.#schema;
    const key = `${kind} ${method}`;
    const validate = this.#validators.get(key) ?? this.#ajv.compile({ ...schema, definitions });
    this.#validators.set(key, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message }) => `${key}${instancePath}: ${message}`,
    );
  }
}
