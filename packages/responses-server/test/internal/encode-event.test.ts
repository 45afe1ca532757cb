import { expect, test } from "vitest";
import { encodeEvent } from "../../src/internal/encode-event.ts";

const event = { type: "a,b", text: 'x,"y\\', n: [1, 2] };

test.each([
  [{}, 'event: a,b\ndata: {"type":"a,b","text":"x,\\"y\\\\","n":[1,2]}\n\n'],
  [{ eventName: null }, 'data: {"type":"a,b","text":"x,\\"y\\\\","n":[1,2]}\n\n'],
  [
    { eventName: null, dataLines: 3, lineEnd: "\r\n" },
    'data: {"type":"a,b",\r\ndata: "text":"x,\\"y\\\\",\r\ndata: "n":[1,2]}\r\n\r\n',
  ],
  [
    { eventName: null, dataLines: 99, separator: "", lineEnd: "\r", blankLine: "missing" },
    'data:{"type":"a,b",\rdata:"text":"x,\\"y\\\\",\rdata:"n":[1,\rdata:2]}\r',
  ],
] as const)("frames an event as %j", (framing, expected) => {
  expect(encodeEvent(event, framing)).toBe(expected);
});

test("an event without a type has no event line", () => {
  expect(encodeEvent({ a: 1 })).toBe('data: {"a":1}\n\n');
});

test("several data lines are still one JSON text", () => {
  const lines = encodeEvent(event, { eventName: null, dataLines: 4 }).trimEnd().split("\n");
  const joined = lines.map((line) => line.slice("data: ".length)).join("\n");
  expect(JSON.parse(joined)).toEqual(event);
});
