import { expect, test } from "vitest";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { defineTool } from "@codex-ts/core";
import { startScene } from "../support/harness.ts";

test("[core/code-mode-values] no half of a character of a tool's output is sent", async () => {
  const half = "a\ud800b";
  const tools = [
    defineTool({
      name: "texts",
      description: "d",
      parameters: { type: "object" },
      execute: () => half,
    }),
    defineTool({
      name: "lists",
      description: "d",
      parameters: { type: "object" },
      execute: () => [{ type: "text", text: half }],
    }),
  ];
  const calls = [functionCall("texts", {}, "call_1"), functionCall("lists", {}, "call_2")];
  await using scene = await startScene([streamExchange(calls), messageExchange("Done.")], {
    tools,
  });
  await scene.turn("go");
  const body = JSON.parse(scene.server.requests.at(-1)?.bodyText ?? "") as {
    readonly input: readonly { readonly output?: unknown }[];
  };
  const outputs = body.input.flatMap(({ output }) => (output === undefined ? [] : [output]));
  expect(JSON.stringify(outputs)).not.toContain("ud800");
  expect(JSON.stringify(outputs).match(/a\uFFFDb/g)).toHaveLength(2);
});
