import { isDeepStrictEqual } from "node:util";
import type { JsonObject, ResponsesRequest } from "@codex-ts/protocol";
import { ITEM_METADATA_MEMBER } from "../history/item-identity.ts";

/** The previous request of a connection and its response. */
export interface PreviousExchange {
  /** The whole request, also when only a part of it was sent. */
  readonly request: ResponsesRequest;
  readonly responseId: string;
  /** Finished items of the response, in the form a request has them in. */
  readonly responseItems: readonly JsonObject[];
}

/**
 * The items a server does not know yet, when the request continues where the previous response ended: everything but
 * `input`, `client_metadata` and `access_programs` is the same, and the input begins with the previous one and its response.
 * `undefined`: send the request whole. Source: docs/behavior/core.md 1.6.
 */
export function incrementalInput(
  previous: PreviousExchange | undefined,
  request: ResponsesRequest,
): ResponsesRequest["input"] | undefined {
  if (previous === undefined || previous.responseId === "") return undefined;
  if (windowOf(previous.request) !== windowOf(request)) return undefined;
  if (!isDeepStrictEqual(settingsOf(previous.request), settingsOf(request))) return undefined;
  const known = [...previous.request.input, ...previous.responseItems];
  if (request.input.length < known.length) return undefined;
  const continues = known.every((item, index) =>
    isDeepStrictEqual(withoutMetadata(item), withoutMetadata(request.input[index])),
  );
  return continues ? request.input.slice(known.length) : undefined;
}

/** A response does not say where its items come from, the next request may: that makes them no other items. */
function withoutMetadata(item: ResponsesRequest["input"][number] | undefined): object {
  const { [ITEM_METADATA_MEMBER]: _metadata, ...rest } = (item ?? {}) as JsonObject;
  return rest;
}

/** After a compaction the history is another one, even where it looks the same. */
function windowOf({ client_metadata: metadata }: ResponsesRequest): string | undefined {
  return metadata?.["x-codex-window-id"];
}

/** The metadata of two requests always differs: it names the turn and the kind of the request. A warm-up has no program. */
function settingsOf({
  input: _input,
  client_metadata: _metadata,
  access_programs: _programs,
  ...settings
}: ResponsesRequest): object {
  return settings;
}
