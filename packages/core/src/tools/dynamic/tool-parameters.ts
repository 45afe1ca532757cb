import type { JsonObject } from "@codex-ts/protocol";
import { isJsonObject } from "@codex-ts/protocol";
import { z } from "zod";
import { ThreadError } from "../../errors.ts";
import { failArguments } from "../arguments.ts";

/**
 * A schema of zod 4, of `zod` or `zod/mini`, whichever copy of it. Only what every such schema has is named here, so
 * that the types of two copies fit.
 */
export interface ZodSchema<Output = unknown> {
  readonly _zod: { readonly output: Output };
}

/** A JSON schema: draft 2020-12, or what its `$schema` says (draft 7, draft 4). */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The arguments of a tool. */
export type ToolParameters = ZodSchema | JsonSchema;

/** Type of the arguments a tool gets: what its schema accepts, after its defaults and transforms. */
export type ToolArguments<Parameters extends ToolParameters> =
  Parameters extends ZodSchema<infer Output> ? Output : JsonObject;

/** Parameters in both of their uses. */
export interface ReadParameters {
  /** Their JSON schema, as requests send it. */
  readonly schema: JsonObject;
  /**
   * Converts the arguments the model wrote to those the tool receives. Rejects with `ToolError` for arguments that do
   * not fit.
   */
  check(args: JsonObject): Promise<unknown>;
}

/** Throws `ThreadError` for parameters that cannot be sent. */
export function readParameters(toolName: string, parameters: ToolParameters): ReadParameters {
  try {
    const { schema, checker } = isZodSchema(parameters)
      ? fromZod(parameters)
      : fromJsonSchema(parameters);
    if (schema["type"] !== "object") throw new Error('the schema has no `type: "object"`');
    return { schema, check: (args) => check(checker, args) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThreadError(
      "invalid_option",
      `the parameters of tool \`${toolName}\` cannot be used: ${reason}; give a zod 4 object of types that JSON has, or a JSON schema of an object`,
    );
  }
}

function isZodSchema(parameters: ToolParameters): parameters is ZodSchema {
  return "_zod" in parameters;
}

interface SchemaPair {
  readonly schema: JsonObject;
  readonly checker: z.core.$ZodType;
}

function fromZod(parameters: ZodSchema): SchemaPair {
  // zod reads the definition of a schema, so that it may come from another copy of zod.
  const checker = parameters as z.core.$ZodType;
  const json = z.toJSONSchema(checker, { io: "input", metadata: new Descriptions() });
  const { $schema: _, ...schema } = plainJson(json);
  return { schema, checker };
}

/** Descriptions of schemas; another copy of zod may keep its own (before 4.2), and its schemas know them. */
class Descriptions extends z.core.$ZodRegistry<z.core.GlobalMeta> {
  override get(schema: z.core.$ZodType): z.core.GlobalMeta | undefined {
    const { meta } = schema as { readonly meta?: () => z.core.GlobalMeta | undefined };
    return z.globalRegistry.get(schema) ?? meta?.call(schema);
  }
}

function fromJsonSchema(parameters: JsonSchema): SchemaPair {
  if ("_def" in parameters) throw new Error("it is a schema of zod 3");
  const schema = plainJson(parameters);
  // A registry of its own: zod's global one belongs to the application.
  return { schema, checker: z.fromJSONSchema(schema, { registry: z.registry() }) };
}

function plainJson(value: unknown): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(value));
  if (!isJsonObject(json)) throw new Error("they are no object");
  return json;
}

/** Most problems one error text lists; the rest often follow from them. */
const MAX_PROBLEMS = 10;
/** Longest text of one problem: the name of an unknown member can be as long as the model likes. */
const MAX_PROBLEM_CHARACTERS = 300;

async function check(schema: z.core.$ZodType, args: JsonObject): Promise<unknown> {
  const result = await z.core.safeParseAsync(schema, args);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.slice(0, MAX_PROBLEMS).map(problemText);
  const more = issues.length - problems.length;
  return failArguments(`${problems.join("; ")}${more > 0 ? `; and ${more} more` : ""}`);
}

function problemText({ path, message }: z.core.$ZodIssue): string {
  const where = path.length === 0 ? "" : `\`${z.core.toDotPath(path)}\`: `;
  const text = `${where}${message}`;
  return text.length <= MAX_PROBLEM_CHARACTERS ? text : `${text.slice(0, MAX_PROBLEM_CHARACTERS)}…`;
}
