import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { JsonNode } from "../../json/node.ts";
import { ResolvedElements } from "./resolved-elements.ts";
import type { LoadedPayload } from "../loaded-payload.ts";
import type { MemberTexts } from "./member-texts.ts";
import type { SourceItem } from "../normalize/normalized-item.ts";

/** The parts of a request that the reducer needs. */
export interface RequestContent {
  /** Set on incremental requests only. */
  readonly previousResponseId: string | undefined;
  /** Number of elements of `input`. */
  readonly count: number;
  /** How many of them, from the first on, have the bytes they had in the request before. */
  readonly sharedCount: number;
  /** Items of the shared elements, from the request before; what follows them has no meaning. */
  readonly known: ResolvedElements;
  source(index: number): SourceItem;
  /** All members but `input`, as compact JSON. */
  members(texts: MemberTexts): ReadonlyMap<string, string>;
}

const NOTHING_KNOWN = new ResolvedElements();

/** Parses a request whole; `undefined` after reporting why it is none. */
export function parseWholeRequest(payload: LoadedPayload): RequestContent | undefined {
  const value = payload.json();
  if (value === undefined) return undefined;
  const previous = isJsonObject(value) ? value["previous_response_id"] : undefined;
  const input = isJsonObject(value) ? value["input"] : undefined;
  if (!Array.isArray(input)) {
    payload.misshapen("has no list input");
    return undefined;
  }
  const elements = input as readonly JsonValue[];
  let exactInput: JsonNode | undefined;
  const exactElement = (index: number): JsonNode => {
    exactInput ??= memberOf(payload.exact(), "input");
    return Array.isArray(exactInput) ? (exactInput[index] ?? null) : null;
  };
  return {
    previousResponseId: typeof previous === "string" ? previous : undefined,
    count: elements.length,
    sharedCount: 0,
    known: NOTHING_KNOWN,
    source: (index) => ({
      value: elements[index] ?? null,
      payloadId: payload.reference.raw_payload_id,
      lostParts: payload.lostParts,
      exact: () => exactElement(index),
    }),
    members: (texts) => texts.ofNode(payload.exact()),
  };
}

function memberOf(node: JsonNode, name: string): JsonNode {
  return node instanceof Map ? (node.get(name) ?? null) : null;
}
