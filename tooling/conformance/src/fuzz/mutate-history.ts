import type { DraftBundle, DraftEvent } from "./draft-bundle.ts";
import type { Dice } from "./dice.ts";
import { isReference } from "./items.ts";
import { copyJson, isObject } from "./json-text.ts";
import type { Json } from "./json-text.ts";
import { type Mutation, typeOf } from "./mutation.ts";
import { anyValue } from "./values.ts";

/** Requests of one turn that each repeat the one before and go on: now and then with an edited past, or another frame. */
export const growHistory: Mutation = (bundle, dice, pool) => {
  const starts = bundle.events.filter((event) => typeOf(event) === "inference_started");
  if (starts.length === 0) return undefined;
  const start = dice.pick(starts);
  const first = payloadOf(bundle, start.payload["request_payload"]);
  if (!isObject(first) || !Array.isArray(first["input"])) return undefined;
  let request = first;
  let at = bundle.events.indexOf(start) + 1;
  const rounds = 2 + dice.below(6);
  for (let round = 1; round <= rounds; round += 1) {
    request = nextRequest(request, dice, pool);
    const event = copyJson(start) as DraftEvent;
    event.payload["inference_call_id"] = `grown_${dice.below(1_000_000)}`;
    event.payload["request_payload"] = bundle.addPayload("inference_request", request);
    bundle.events.splice(at, 0, event);
    // Other threads and ends of calls may come in between.
    at = Math.min(bundle.events.length, at + 1 + (dice.oneIn(4) ? dice.below(4) : 0));
  }
  return `history grows ${rounds} times`;
};

function nextRequest(
  before: { [member: string]: Json },
  dice: Dice,
  pool: readonly Json[],
): { [member: string]: Json } {
  const input = [...(before["input"] as Json[])];
  for (let count = dice.below(4); count > 0; count -= 1) input.push(copyJson(dice.pick(pool)));
  if (dice.oneIn(3)) input.push(copyJson(dice.pick(input.length === 0 ? pool : input)));
  // What nobody can read takes a place in the list all the same.
  if (dice.oneIn(12)) input.push(anyValue(dice));
  const at = dice.below(input.length + 1);
  if (dice.oneIn(6)) input.splice(at, dice.below(3));
  if (dice.oneIn(8)) input.splice(at, 0, copyJson(dice.pick(pool)));
  const next = { ...before, input };
  if (!dice.oneIn(5)) return next;
  // Beside the list: in front of it, or behind.
  const extra = {
    [dice.pick(["model", "extra", "previous_response_id", "tools"])]: anyValue(dice),
  };
  return dice.oneIn(2) ? { ...extra, ...next } : { ...next, ...extra };
}

/** The request as the part behind what an earlier response ended with. */
export const makeIncrement: Mutation = (bundle, dice) => {
  const starts = bundle.events.filter((event) => typeOf(event) === "inference_started");
  const start = starts.length > 0 ? dice.pick(starts) : undefined;
  if (start === undefined) return undefined;
  const before = bundle.events
    .slice(0, bundle.events.indexOf(start))
    .filter((event) => typeOf(event) === "inference_completed");
  const earlier = dice.oneIn(3) && before.length > 0 ? dice.pick(before) : before.at(-1);
  const request = payloadOf(bundle, start.payload["request_payload"]);
  if (earlier === undefined || !isObject(request) || !Array.isArray(request["input"]))
    return undefined;
  const first = bundle.events.find(
    (event) =>
      typeOf(event) === "inference_started" &&
      event.payload["inference_call_id"] === earlier.payload["inference_call_id"],
  );
  const sent = first && payloadOf(bundle, first.payload["request_payload"]);
  const got = payloadOf(bundle, earlier.payload["response_payload"]);
  const count =
    (isObject(sent) && Array.isArray(sent["input"]) ? sent["input"].length : 0) +
    (isObject(got) && Array.isArray(got["output_items"]) ? got["output_items"].length : 0);
  const keptFrom = Math.max(0, count + (dice.oneIn(4) ? dice.below(3) - 1 : 0));
  request["previous_response_id"] = earlier.payload["response_id"] ?? null;
  request["input"] = request["input"].slice(keptFrom);
  return `increment from ${keptFrom}`;
};

function payloadOf(bundle: DraftBundle, reference: Json | undefined): Json | undefined {
  return isReference(reference) ? bundle.payload(bundle.keyOf(reference)) : undefined;
}
