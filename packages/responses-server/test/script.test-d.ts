import { message, messageExchange, rawEvent, streamExchange } from "@codex-ts/responses-server";
import type { Exchange, PauseStep, Script, Step } from "@codex-ts/responses-server";
import { expectTypeOf } from "vitest";

expectTypeOf({ events: [message("x")] }).toExtend<Exchange>();
expectTypeOf({ body: { a: 1 }, status: 400 }).toExtend<Exchange>();
expectTypeOf({ respond: () => ({ body: "x" }) }).toExtend<Exchange>();
expectTypeOf(streamExchange([])).toExtend<Exchange>();
expectTypeOf([streamExchange([]), { body: null }]).toExtend<Script>();
expectTypeOf(rawEvent({ anything: [1] })).toExtend<Step>();

// A short form takes further members by spreading.
export const spread: Script = [
  { ...messageExchange("x"), deliver: "json" },
  { ...messageExchange("x"), chunkSizesBytes: [1] },
];

// An answer is either a stream or a body, and it is one of them.
// @ts-expect-error no answer
export const nothing: Exchange = { status: 200 };
// @ts-expect-error both
export const both: Exchange = { events: [], body: "x" };
// @ts-expect-error an event type that the API does not have
export const unknownType: Step = { type: "response.finished" };
// @ts-expect-error a delta that is no text
export const wrongMember: Step = { type: "response.output_text.delta", content_index: 0, delta: 5 };
// @ts-expect-error a step that does not exist
export const unknownStep: Step = { step: "sleep", ms: 5 };
// @ts-expect-error nothing can be sent before the status line
export const earlyEvent: PauseStep = message("x");
// @ts-expect-error a misspelt option
export const misspelt: Exchange = { events: [], requestID: "req_1" };
