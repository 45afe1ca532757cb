import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { ToolError, defineTool } from "@codex-ts/core";
import type { Tool, ToolParameters, ToolResult } from "@codex-ts/core";
import { ThreadEventStream } from "../../../src/events/thread-event-stream.ts";

const echo = (parameters: ToolParameters): Tool =>
  defineTool({
    name: "echo",
    description: "Repeats.",
    parameters,
    execute: (args) => JSON.stringify(args),
  });

async function run(tool: Tool, args: unknown): Promise<unknown> {
  const events = new ThreadEventStream();
  const { output, failed } = await tool.run({
    callId: "call_1",
    turnId: "turn_1",
    threadId: "thread_1",
    cwd: "/",
    sandboxMode: "danger-full-access",
    approvalPolicy: "never",
    input: JSON.stringify(args),
    outputBudget: { mode: "bytes", limit: 10_000 },
    signal: new AbortController().signal,
    now: Date.now,
    report: { nextItemId: () => "item_0", emit: events.emitterOf("turn_1") },
  });
  return failed === true ? { failed: output } : output;
}

const JSON_SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
  required: ["city"],
  additionalProperties: false,
} as const;

describe("parameters of a tool", () => {
  test.each([
    ["zod", z.strictObject({ city: z.string(), days: z.int().min(1).optional() })],
    [
      "zod/mini",
      mini.strictObject({
        city: mini.string(),
        days: mini.optional(mini.int().check(mini.minimum(1))),
      }),
    ],
    ["JSON schema", JSON_SCHEMA],
  ])("[core/tools-schemas] of %s are sent, and checked", async (_kind, parameters) => {
    const tool = echo(parameters);
    expect(tool.spec["parameters"]).toMatchObject({
      type: "object",
      properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
      required: ["city"],
      additionalProperties: false,
    });
    expect(tool.spec["parameters"]).not.toHaveProperty("$schema");
    expect(await run(tool, { city: "Oslo", days: 2 })).toBe('{"city":"Oslo","days":2}');
    const refused = run(tool, { city: 7, days: 0, more: 1 });
    await expect(refused).rejects.toBeInstanceOf(ToolError);
    await expect(refused).rejects.toThrow(/`city`: .*expected string.*`days`: .*>=1.*"more"/);
  });

  test("[core/tools-schemas] of zod give the tool what they make of the arguments", async () => {
    const tool = echo(
      z.object({ at: z.string().transform((text) => text.length), unit: z.string().default("C") }),
    );
    expect(await run(tool, { at: "12:00" })).toBe('{"at":5,"unit":"C"}');
  });

  test("[core/tools-schemas] of another copy of zod keep the descriptions that copy knows", () => {
    const city = Object.assign(z.string(), { meta: () => ({ description: "Name in English." }) });
    expect(echo(z.object({ city })).spec["parameters"]).toMatchObject({
      properties: { city: { type: "string", description: "Name in English." } },
    });
  });

  test("[core/tools-schemas] of zod may check asynchronously", async () => {
    const tool = echo(
      z.object({ city: z.string().refine(async (city) => city !== "Atlantis", "is no city") }),
    );
    await expect(run(tool, { city: "Atlantis" })).rejects.toThrow("`city`: is no city");
  });

  test("a check that throws something else is a text without its message", async () => {
    const tool = echo(
      z.object({
        city: z.string().refine(() => {
          throw new RangeError("s3cret");
        }),
      }),
    );
    await expect(run(tool, { city: "Oslo" })).rejects.toThrow(
      /^echo failed with an unexpected error \(RangeError\)$/,
    );
  });

  test.each<[string, unknown, string]>([
    ["a type JSON does not have", z.object({ at: z.date() }), "Date"],
    ["no object", z.string(), 'type: "object"'],
    ["a JSON schema without a type", { properties: {} }, 'type: "object"'],
    ["a JSON schema that is checked in part only", { type: "object", if: {} }, "if/then/else"],
    ["a shape that is no schema", { city: z.string() }, 'type: "object"'],
    ["a schema of zod 3", { _def: { typeName: "ZodObject" } }, "zod 3"],
    ["nothing", undefined, "cannot be used"],
  ])("[core/tools-schemas] refuses %s", (_what, parameters, reason) => {
    expect(() => echo(parameters as ToolParameters)).toThrow(
      expect.objectContaining({
        name: "ThreadError",
        code: "invalid_option",
        message: expect.stringContaining(reason),
      }),
    );
  });

  test("a tool without a description is refused", () => {
    expect(() =>
      defineTool({ name: "x", description: " ", parameters: JSON_SCHEMA, execute: () => "" }),
    ).toThrow("tool `x` has no description");
  });
});

describe("the answer of a tool", () => {
  const answering = (result: unknown): Tool =>
    defineTool({
      name: "answer",
      description: "Answers.",
      parameters: { type: "object" },
      execute: () => result as ToolResult,
    });

  test.each<[unknown, unknown]>([
    ["plain", "plain"],
    [{ type: "text", text: "one" }, "one"],
    [[{ type: "text", text: "one" }], "one"],
    [[], ""],
    [
      [
        { type: "text", text: "one" },
        { type: "text", text: "two" },
      ],
      [
        { type: "input_text", text: "one" },
        { type: "input_text", text: "two" },
      ],
    ],
    [
      { type: "image", image_url: "https://example.com/a.png" },
      [{ type: "input_image", image_url: "https://example.com/a.png", detail: "high" }],
    ],
  ])("[core/tools-content] %j is %j", async (result, output) => {
    expect(await run(answering(result), {})).toEqual(output);
  });

  test.each<[unknown, string]>([
    [undefined, "a value that is neither text nor content"],
    [{ temperature: 7 }, "a value that is neither text nor content"],
    [[null], "a value that is neither text nor content"],
    [{ type: "image", image_url: "file:///etc/passwd" }, "neither bytes nor a data URL"],
    [{ type: "image", image_url: "data:text/html;base64,AA" }, "neither bytes nor a data URL"],
    [{ type: "image", data: new Uint8Array(1), mimeType: "text/html" }, "`text/html`"],
    [Array.from({ length: 257 }, () => ({ type: "text", text: "" })), "257 parts"],
    [
      { type: "image", data: new Uint8Array(16 * 1024 * 1024), mimeType: "image/png" },
      "bytes of images",
    ],
  ])("[core/tools-content] what is no answer is a failure: %#", async (result, reason) => {
    expect(await run(answering(result), {})).toEqual({ failed: expect.stringContaining(reason) });
  });
});

test("an error of another copy of the package counts as a ToolError", async () => {
  const brand = Symbol.for("codex-ts.error.CoreError");
  const tool = defineTool({
    name: "fail",
    description: "Fails.",
    parameters: { type: "object" },
    execute(): string {
      throw Object.assign(new Error("there is no city"), { [brand]: true, code: "tool_failed" });
    },
  });
  expect(await run(tool, {})).toEqual({ failed: "there is no city" });
});
