import { zstdCompressSync, constants } from "node:zlib";
import { withItemId } from "@codex-ts/protocol";
import type { JsonObject, JsonValue, ResponsesRequest } from "@codex-ts/protocol";
import { itemText } from "./constant-items.ts";
import type { RequestFormat, RequestMember } from "./request-format.ts";

/** The members a request always has beside model and input: no tools, no reasoning, nothing stored. */
export const DEFAULT_REQUEST_SETTINGS: Omit<ResponsesRequest, "model" | "input"> = {
  tools: [],
  tool_choice: "auto",
  parallel_tool_calls: true,
  reasoning: null,
  store: false,
  stream: true,
  include: [],
};

/** Facts about the endpoint that `serializeResponsesRequest` needs. */
export interface BodyOptions {
  /** Azure endpoints that store responses want the ids of items back. */
  readonly azure: boolean;
  readonly format: RequestFormat;
}

/**
 * JSON text of `POST /responses` in UTF-8, members in the order of the format. Empty instructions and unset members are left
 * out; `reasoning` never is. Item ids are left out except where the format or docs/behavior/api.md 2.4 wants them.
 */
export function serializeResponsesRequest(
  request: ResponsesRequest,
  options: BodyOptions,
): Uint8Array {
  return serializeMembers(bodyMembers(request, options), options.format);
}

/** JSON text of an object in UTF-8, its members in the order of the format. */
export function serializeMembers(
  members: { readonly [Member in RequestMember]?: JsonValue | undefined },
  { members: order }: RequestFormat,
): Uint8Array {
  const parts: Uint8Array[] = [];
  let text = "{";
  for (const name of order) {
    const value = members[name];
    if (value === undefined) continue;
    text += `${text === "{" ? "" : ","}${JSON.stringify(name)}:`;
    if (name === "input" && Array.isArray(value)) {
      parts.push(Buffer.from(`${text}[`), ...joined(value as readonly JsonObject[]));
      text = "]";
    } else text += JSON.stringify(value);
  }
  return Buffer.concat([...parts, Buffer.from(`${text}}`)]);
}

const COMMA = Buffer.from(",");

function joined(items: readonly JsonObject[]): readonly Uint8Array[] {
  return items.flatMap((item, index) => (index === 0 ? [itemText(item)] : [COMMA, itemText(item)]));
}

/** The members of a body, for the WebSocket transport to add its own. */
export function bodyMembers(
  request: ResponsesRequest,
  options: BodyOptions,
): { readonly [Member in keyof ResponsesRequest]-?: JsonValue | undefined } {
  return {
    model: request.model,
    instructions: request.instructions === "" ? undefined : request.instructions,
    input: wireInput(request, options),
    tools: request.tools,
    tool_choice: request.tool_choice,
    parallel_tool_calls: request.parallel_tool_calls,
    reasoning: request.reasoning === null ? null : { ...request.reasoning },
    store: request.store,
    stream: request.stream,
    include: request.include,
    service_tier: request.service_tier,
    prompt_cache_key: request.prompt_cache_key,
    text: textMember(request),
    client_metadata: request.client_metadata,
    access_programs: request.access_programs && { ...request.access_programs },
  };
}

function textMember(request: ResponsesRequest): JsonObject | undefined {
  const { verbosity, format } = request.text ?? {};
  return verbosity === undefined && format === undefined
    ? undefined
    : { verbosity, format: format && { ...format } };
}

function wireInput(request: ResponsesRequest, { azure, format }: BodyOptions): JsonObject[] {
  if (format.itemIds === "keep") return request.input as JsonObject[];
  // Source: docs/behavior/api.md 2.4.
  const itemIds = request.store && azure ? "azure" : "omit";
  return request.input.map((item) => {
    const object = item as JsonObject;
    // The id of an image is part of its wire form.
    if (!("id" in object) || object["type"] === "image_generation_call") return object;
    const { id, ...rest } = object;
    return withItemId(rest, id, { itemIds });
  });
}

/** zstd level of Codex. */
const ZSTD_LEVEL = 3;

/** One zstd frame. */
export function compressZstd(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
}
