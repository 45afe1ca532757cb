import type { PartialCapture, PayloadReference } from "../../format/payload.ts";
import { knownPrefixOf } from "../../reader/shards/known-prefix.ts";
import { quote } from "../../reader/problem.ts";
import type { ReducerContext } from "../context.ts";

/**
 * Notes a payload an event names, and its parts. In files the last reference to an id counts. In shards all must be the
 * same, and one object stands for all: a long session names its items in every request.
 */
export function registerPayload(context: ReducerContext, reference: PayloadReference): void {
  if (context.rules.container === "files")
    context.rawPayloads.set(reference.raw_payload_id, reference);
  else register(context, reference);
}

/** Returns the one object that stands for the reference. */
function register(context: ReducerContext, reference: PayloadReference): PayloadReference {
  const { raw_payload_id: id, capture, parts } = reference;
  const known = context.rawPayloads.get(id);
  if (known !== undefined && (known === reference || isSame(known, reference))) return known;
  if (known !== undefined) {
    context.problem("payload_conflict", `${quote(id)} is two different payloads`, {
      payloadId: id,
      objectId: id,
    });
  }
  if (capture !== undefined) context.hasPartialPayloads = true;
  // Before its parts: one of them may claim to be the same.
  if (known === undefined) context.rawPayloads.set(id, reference);
  // The list was made for this event, so its elements may still be exchanged.
  const own = (parts ?? []) as PayloadReference[];
  for (let index = knownPrefixOf(own); index < own.length; index += 1) {
    const part = own[index];
    if (part !== undefined) own[index] = register(context, part);
  }
  // Not what it contradicts: that may be what it is a part of.
  return reference;
}

function isSame(left: PayloadReference, right: PayloadReference): boolean {
  if (left.kind.type !== right.kind.type || left.shard !== right.shard) return false;
  if (left.capture !== right.capture && !isSameCapture(left.capture, right.capture)) return false;
  if (left.parts === right.parts) return true;
  if (left.parts === undefined || right.parts === undefined) return false;
  const { parts } = right;
  return (
    left.parts.length === parts.length &&
    left.parts.every((part, index) => {
      const other = parts[index];
      return other !== undefined && isSameWithId(part, other);
    })
  );
}

function isSameWithId(left: PayloadReference, right: PayloadReference): boolean {
  return left === right || (left.raw_payload_id === right.raw_payload_id && isSame(left, right));
}

function isSameCapture(
  left: PartialCapture | undefined,
  right: PartialCapture | undefined,
): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
