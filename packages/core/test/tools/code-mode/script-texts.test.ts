import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import { readScript } from "../../../src/tools/code-mode/read-script.ts";
import { schemaType } from "../../../src/tools/code-mode/schema-type.ts";
import { scriptErrorText } from "../../../src/tools/code-mode/script-error.ts";
import { ToolError } from "../../../src/tools/tool.ts";

test.each([
  ["text(1)", { source: "text(1)", yieldMs: undefined, maxOutputTokens: undefined }],
  [
    '// @exec: {"yield_time_ms": 5, "max_output_tokens": 6}\ntext(1)\n',
    { source: "text(1)\n", yieldMs: 5, maxOutputTokens: 6 },
  ],
  [
    "\t // @exec:{}  \r\ntext(1)",
    { source: "text(1)", yieldMs: undefined, maxOutputTokens: undefined },
  ],
  [
    "// @execute\ntext(1)",
    { source: "// @execute\ntext(1)", yieldMs: undefined, maxOutputTokens: undefined },
  ],
])("[core/code-mode-pragma] reads %j", (input, script) => {
  expect(readScript(input)).toEqual(script);
});

test.each([
  ["", "got none"],
  [" \n", "got none"],
  ['// @exec: {"yield_time_ms": 5}', "no script"],
  ["// @exec: {nope}\ntext(1)", "are no JSON"],
  ["// @exec: []\ntext(1)", "must be a JSON object"],
  ['// @exec: {"foo": 1}\ntext(1)', "not `foo`"],
  ['// @exec: {"yield_time_ms": -5}\ntext(1)', "`yield_time_ms` of exec must be an integer"],
  ['// @exec: {"max_output_tokens": 1.5}\ntext(1)', "`max_output_tokens` of exec must be"],
])("[core/code-mode-pragma] refuses %j", (input, reason) => {
  expect(() => readScript(input)).toThrow(ToolError);
  expect(() => readScript(input)).toThrow(reason);
});

test("[core/code-mode-errors] the stack of an error is that of the script, with the places V8 shows", () => {
  const source = 'text("before"); throw new Error("boom");';
  const stack = "    at text (exec_prelude:3:4)\n    at <anonymous> (exec_main.mjs:1:26)\n";
  expect(scriptErrorText({ head: "Error: boom", stack }, source)).toBe(
    "Error: boom\n    at exec_main.mjs:1:23",
  );
});

test("[core/code-mode-errors] what is called and is no function is named", () => {
  const stack = "    at <anonymous> (exec_main.mjs:1:12)\n";
  expect(
    scriptErrorText({ head: "TypeError: not a function", stack }, "await tools.nope({});"),
  ).toBe("TypeError: tools.nope is not a function\n    at exec_main.mjs:1:13");
});

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  ...more,
});
const STRING = { type: "string" };

// Source: docs/behavior/core-tools.md 7; each was observed in 0.171, and those without references in 0.140, too.
test.each<[type: string, schema: JsonValue]>([
  [
    "{ a: string; b?: number; }",
    object({ b: { type: "integer" }, a: STRING }, { required: ["a"] }),
  ],
  ["{ [key: string]: unknown; }", object({})],
  ["{}", object({}, { additionalProperties: false })],
  ["{ [key: string]: number; }", object({}, { additionalProperties: { type: "number" } })],
  [
    "{ a?: string; [key: string]: unknown; }",
    object({ a: STRING }, { additionalProperties: true }),
  ],
  [
    '{ $ok?: string; "9x"?: string; "a-b"?: string; }',
    object({ "a-b": STRING, "9x": STRING, $ok: STRING }),
  ],
  [
    "{\n  // Two\n  // lines */\n  a?: string;\n  b?: {\n  // deep\n  c?: string;\n};\n}",
    object({
      a: { type: "string", description: "Two\r\n\n  lines */" },
      b: object({ c: { type: "string", description: "deep" } }),
    }),
  ],
  ["{\n  a?: string;\n}", object({ a: { type: "string", description: "" } })],
  ['1 | "a" | null | true', { enum: [1, "a", null, true] }],
  ['"k"', { const: "k" }],
  ["string | null", { type: ["string", "null"] }],
  [
    "string | Array<number | string>",
    { anyOf: [STRING, { type: "array", items: { oneOf: [{ type: "number" }, STRING] } }] },
  ],
  ["{ x?: string; } & { y?: string; }", { allOf: [object({ x: STRING }), object({ y: STRING })] }],
  ["unknown[]", { type: "array" }],
  ["[string, number]", { type: "array", prefixItems: [STRING, { type: "number" }] }],
  [
    "{ q?: { q?: unknown; }; }",
    { $ref: "#/$defs/P", $defs: { P: object({ q: { $ref: "#/$defs/P" } }) } },
  ],
  ["{ pr?: string; x?: string; }", object({ x: STRING, pr: { $ref: "#/properties/x" } })],
  ["unknown", { $ref: "https://example.com/schema.json" }],
  ["unknown", { $ref: "#/__proto__" }],
  ...[true, {}, { enum: [] }, { anyOf: [] }, { type: [] }, { type: "weird" }, null].map(
    (schema): [string, JsonValue] => ["unknown", schema],
  ),
])("[core/code-mode-declarations] a schema becomes the type %s", (type, schema) => {
  expect(schemaType(schema)).toBe(type);
});

test("[core/code-mode-declarations] a schema without end is cut off, in depth and in breadth", () => {
  let schema: JsonObject = { type: "string" };
  for (let depth = 0; depth < 1000; depth += 1) schema = { type: "array", items: schema };
  expect(schemaType(schema)).toContain("unknown");
  const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
  const all = object(Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }])));
  const $defs = Object.fromEntries(names.map((name) => [name, all]));
  expect(schemaType({ ...all, $defs }).length).toBeLessThan(100_000);
});
