import type { DraftBundle } from "./draft-bundle.ts";
import type { Dice } from "./dice.ts";
import { allReferences } from "./items.ts";
import type { DraftReference } from "./items.ts";
import { copyJson, isObject, JsonText, printJson } from "./json-text.ts";
import type { Json } from "./json-text.ts";
import type { Mutation } from "./mutation.ts";
import { SHARD_DAMAGES } from "./shards.ts";
import { placesIn } from "./values.ts";

/** A shard that is torn, broken, or laid out in another way. */
export const damageShard: Mutation = (bundle, dice) => {
  const shards = bundle.shardPaths;
  if (shards.length === 0) return undefined;
  const path = dice.pick(shards);
  const damage = `${dice.pick(SHARD_DAMAGES)} ${dice.below(100_000)}`;
  bundle.setText(path, damage);
  // Only a log that was not closed may have torn shards.
  if (dice.oneIn(2))
    bundle.events = bundle.events.filter(
      ({ payload }) => payload["type"] !== "recording_completed",
    );
  return `${path}: ${damage}`;
};

/** Says of a payload that it was cut or left out, everywhere, or in one place that then contradicts the others. */
export const losePayload: Mutation = (bundle, dice) => {
  const references = allReferences(bundle);
  if (references.length === 0) return undefined;
  const one = dice.pick(references);
  const all = dice.oneIn(6)
    ? [one]
    : references.filter((each) => each["raw_payload_id"] === one["raw_payload_id"]);
  const length = Buffer.byteLength(bundle.text(bundle.keyOf(one)) ?? "");
  const isOmitted = dice.oneIn(2);
  const retained_bytes = dice.oneIn(8) ? dice.below(length + 2) : length;
  const original_bytes = dice.oneIn(8) ? dice.below(length + 2) : length + dice.below(99);
  for (const reference of all) {
    reference["capture"] = isOmitted
      ? { status: "omitted", original_bytes }
      : { status: "truncated", original_bytes, retained_bytes };
    if (isOmitted && !dice.oneIn(12)) {
      if (dice.oneIn(2)) delete reference["shard"];
      else reference["shard"] = null;
    }
  }
  return `${isOmitted ? "omit" : "truncate"} ${printJson(one["raw_payload_id"] ?? null)}`;
};

/** Makes a payload one of parts: some of its values become payloads of their own, now and then not recorded ones. */
export const splitPayload: Mutation = (bundle, dice, pool) => {
  const references = allReferences(bundle).filter((each) => each["parts"] === undefined);
  if (references.length === 0) return undefined;
  const one = dice.pick(references);
  const key = bundle.keyOf(one);
  const value = bundle.payload(key);
  if (value === undefined) return undefined;
  const count = 1 + dice.below(3);
  const parts: DraftReference[] = [];
  const fragments = cut(
    value,
    (place) => {
      const part = bundle.addPayload(
        dice.pick(["content_value", "model_item"]),
        place,
      ) as DraftReference;
      if (dice.oneIn(4)) lose(part, bundle, dice);
      parts.push(part);
    },
    count,
    dice,
  );
  if (fragments === undefined) return undefined;
  if (dice.oneIn(12)) fragments.splice(dice.below(fragments.length), 1);
  if (dice.oneIn(12)) fragments.splice(dice.below(fragments.length), 0, printJson(dice.pick(pool)));
  bundle.setPayload(key, fragments);
  const same = allReferences(bundle).filter(
    (each) => each["raw_payload_id"] === one["raw_payload_id"],
  );
  for (const reference of same) reference["parts"] = copyJson(parts) as Json[];
  return `split ${printJson(one["raw_payload_id"] ?? null)}`;
};

function lose(part: DraftReference, bundle: DraftBundle, dice: Dice): void {
  const retained = Buffer.byteLength(bundle.text(bundle.keyOf(part)) ?? "");
  if (dice.oneIn(2)) {
    part["capture"] = {
      status: "truncated",
      original_bytes: retained + 5,
      retained_bytes: retained,
    };
    return;
  }
  part["capture"] = { status: "omitted", original_bytes: 5 };
  part["shard"] = null;
}

const MARK = "\u0001split\u0001";

/** Takes up to `count` values out of a value, none inside another, and gives what is left between them. */
function cut(
  value: Json,
  take: (place: Json) => void,
  count: number,
  dice: Dice,
): string[] | undefined {
  const whole = { "": copyJson(value) };
  const chosen: ReturnType<typeof placesIn> = [];
  for (let taken = 0; taken < count; taken += 1) {
    const places = placesIn(whole).filter(
      ({ parent, key, value: held }) =>
        !chosen.some((other) => holds(other.value, parent) || holds(held, other.parent)) &&
        !chosen.some((other) => other.parent === parent && other.key === key),
    );
    // Texts, as recorders cut them out, most of the time.
    const texts = places.filter(({ value: held }) => typeof held === "string");
    const from = texts.length > 0 && !dice.oneIn(3) ? texts : places;
    if (from.length > 0) chosen.push(dice.pick(from));
  }
  const values: Json[] = [];
  for (const { parent, key } of chosen)
    (parent as { [key: string | number]: Json })[key] = new JsonText(
      `${MARK}${values.push((parent as { [key: string | number]: Json })[key] ?? null) - 1}${MARK}`,
    );
  if (values.length === 0) return undefined;
  const pieces = printJson(whole[""] ?? null).split(MARK);
  for (let index = 1; index < pieces.length; index += 2)
    take(values[Number(pieces[index])] ?? null);
  return pieces.filter((_, index) => index % 2 === 0);
}

function holds(outer: Json, inner: unknown): boolean {
  if (outer === inner) return true;
  if (Array.isArray(outer)) return outer.some((each) => holds(each, inner));
  return isObject(outer) && Object.values(outer).some((each) => holds(each, inner));
}

/** Changes the list of parts of a payload, or a reference in it. */
export const changeParts: Mutation = (bundle, dice) => {
  const references = allReferences(bundle);
  const whole = references.filter((each) => Array.isArray(each["parts"]));
  if (whole.length === 0) return undefined;
  const one = dice.pick(whole);
  const parts = one["parts"] as Json[];
  const at = dice.below(parts.length + 1);
  switch (dice.below(5)) {
    case 0:
      parts.splice(at, 1);
      return "parts: drop";
    case 1:
      parts.splice(at, 0, copyJson(dice.pick(references)));
      return "parts: add";
    case 2:
      parts[Math.min(at, parts.length - 1)] = copyJson(dice.pick(references));
      return "parts: exchange";
    case 3:
      one["parts"] = dice.pick<Json>([[], null, {}, [null]]);
      return "parts: other value";
    default:
      parts.reverse();
      return "parts: reverse";
  }
};

/** Something else in a reference. */
export const changeReference: Mutation = (bundle, dice) => {
  const references = allReferences(bundle);
  if (references.length === 0) return undefined;
  const one = dice.pick(references);
  const name = dice.pick(["shard", "capture", "kind", "raw_payload_id", "extra", "path"]);
  const values: { readonly [name: string]: readonly Json[] } = {
    shard: [0, 2, 99, -1, "1", new JsonText("1.0"), new JsonText("18446744073709551616"), null],
    capture: [
      { status: "complete" },
      { status: "complete", more: 1 },
      { status: "gone" },
      "complete",
      null,
      {},
      { status: "omitted" },
      { status: "omitted", original_bytes: -1 },
      { status: "truncated", original_bytes: 1 },
    ],
    kind: [
      { type: "model_item" },
      { type: "prepared_prompt" },
      { type: "other" },
      "model_item",
      { type: { model_item: null } },
    ],
    raw_payload_id: ["raw_payload:1", "raw_payload:999", "", 1],
    extra: [1, { shard: 5, parts: [] }],
    path: ["payloads/1.json", "../x", null],
  };
  one[name] = copyJson(dice.pick(values[name] ?? [null]));
  return `reference ${name}`;
};

const STRIPPABLE: ReadonlySet<Json> = new Set(["function_call_output", "custom_tool_call_output"]);

/** A request whose outputs were sent without ids, and the event that has them; or one that continues a warm-up. */
export const changeRequestStart: Mutation = (bundle, dice) => {
  const starts = bundle.events.filter(({ payload }) => payload["type"] === "inference_started");
  if (starts.length === 0) return undefined;
  const { payload } = dice.pick(starts);
  const request = bundle.payload(bundle.keyOf(payload["request_payload"]));
  const input = isObject(request) && Array.isArray(request["input"]) ? request["input"] : [];
  if (dice.oneIn(3)) {
    const context: Json = dice.oneIn(6)
      ? dice.pick<Json>([{}, [], { input: {} }, null])
      : { input: copyJson(input) };
    payload["warmup_context_payload"] = bundle.addPayload("warmup_context", context);
    if (isObject(request) && dice.oneIn(2)) {
      request["previous_response_id"] = "resp_warm";
      request["input"] = [];
    }
    return "warm-up";
  }
  const stripped: Json[] = [];
  for (const [index, item] of input.entries()) {
    if (!isObject(item) || !STRIPPABLE.has(item["type"] ?? null) || dice.oneIn(5)) continue;
    stripped.push([index, dice.oneIn(6) ? "fco_other" : (item["id"] ?? "fco_new")]);
    if (!dice.oneIn(8)) delete item["id"];
  }
  if (dice.oneIn(6)) stripped.push([dice.below(input.length + 2), "fco_any"]);
  if (dice.oneIn(12) && stripped[0] !== undefined) stripped.push(copyJson(stripped[0]));
  payload["stripped_tool_output_ids"] = stripped;
  return `stripped ${stripped.length}`;
};
