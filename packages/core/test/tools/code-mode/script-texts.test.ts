import { expect, test } from "vitest";
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

test("[core/code-mode-declarations] schemas become types", () => {
  expect(
    schemaType({
      type: "object",
      properties: {
        cmd: { type: "string", description: "A\n line." },
        "odd-name": { enum: ["a", 1] },
        list: { type: "array", items: { type: ["integer", "null"] } },
        nested: { type: "object", properties: { flag: { type: "boolean" } }, required: ["flag"] },
        any: {},
      },
      required: ["cmd"],
    }),
  ).toBe(
    [
      "{",
      "  // A line.",
      "  cmd: string;",
      '  "odd-name"?: "a" | 1;',
      "  list?: Array<number | null>;",
      "  nested?: {",
      "    flag: boolean;",
      "  };",
      "  any?: unknown;",
      "}",
    ].join("\n"),
  );
});

test("[core/code-mode-declarations] a schema without end is cut off", () => {
  let schema: Record<string, unknown> = { type: "string" };
  for (let depth = 0; depth < 1000; depth += 1) schema = { type: "array", items: schema };
  expect(schemaType(schema as never)).toContain("unknown");
});
