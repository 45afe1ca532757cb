import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";
import type { ByteOperations } from "../../json/bytes.ts";
import { parseStrictJson } from "../../json/parse-strict.ts";
import { endOfMember, scanMembers } from "../../json/scan.ts";

/** The part of a request that follows the list `input`, from its `]` on. */
export interface RequestTail {
  /** Where each member starts, counted from the `]`. */
  readonly memberStarts: readonly number[];
  readonly hasPreviousResponseId: boolean;
  /** `previous_response_id`, when the tail has it. */
  readonly previousResponseId: unknown;
}

/** Parses a tail; `undefined` when it names `input` again, or is laid out in a way that can not be followed. */
export function parseTail(
  operations: ByteOperations,
  bytes: Uint8Array,
  listEnd: number,
): RequestTail | undefined {
  const text = operations.decode(bytes, listEnd, bytes.length);
  const tail = parseStrictJson(`{"input":["only"${text}`);
  const input = isJsonObject(tail) ? tail["input"] : undefined;
  const isOnly = Array.isArray(input) && input.length === 1 && input[0] === "only";
  if (!isOnly || !isJsonObject(tail)) return undefined;
  return withStarts(tail, bytes, listEnd, listEnd + 1, []);
}

/**
 * Parses a tail that repeats a known one up to the start of its member number `sharedCount`. Tools come first in it and
 * stay, metadata comes last and changes; whole members that repeat are not parsed again.
 */
export function parseTailAfter(
  operations: ByteOperations,
  bytes: Uint8Array,
  listEnd: number,
  known: RequestTail,
  sharedCount: number,
): RequestTail | undefined {
  // A member's start is behind a comma, so all before it is whole.
  const shared = known.memberStarts.slice(0, sharedCount);
  const restStart = shared.at(-1);
  if (known.hasPreviousResponseId || restStart === undefined)
    return parseTail(operations, bytes, listEnd);
  const rest = parseStrictJson(`{${operations.decode(bytes, listEnd + restStart, bytes.length)}`);
  if (!isJsonObject(rest) || Object.hasOwn(rest, "input")) return undefined;
  // Nearly always the last member alone is new.
  if (Object.keys(rest).length === 1) return tailOf(rest, shared);
  const firstEnd = endOfMember(bytes, listEnd + restStart);
  return firstEnd === -1 ? undefined : withStarts(rest, bytes, listEnd, firstEnd, shared);
}

function withStarts(
  members: JsonObject,
  bytes: Uint8Array,
  listEnd: number,
  scanFrom: number,
  known: readonly number[],
): RequestTail | undefined {
  const starts: number[] = [];
  if (!scanMembers(bytes, scanFrom, starts)) return undefined;
  return tailOf(members, [...known, ...starts.map((start) => start - listEnd)]);
}

function tailOf(members: JsonObject, memberStarts: readonly number[]): RequestTail {
  return {
    memberStarts,
    hasPreviousResponseId: Object.hasOwn(members, "previous_response_id"),
    previousResponseId: members["previous_response_id"],
  };
}
