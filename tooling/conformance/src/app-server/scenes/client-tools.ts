import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** A tool that the client runs: with texts and images, with a failure, and refused. */
export const clientTools: Scene = {
  name: "client-tools",
  config: "include_permissions_instructions = false",
  script: [
    call("call_1"),
    messageExchange("One."),
    call("call_2"),
    messageExchange("Two."),
    call("call_3"),
    messageExchange("Three."),
  ],
  play,
};

function call(callId: string): ReturnType<typeof functionCallExchange> {
  return functionCallExchange({ name: "look", args: { where: "here" }, callId });
}

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const inputSchema = { type: "object", properties: { where: { type: "string" } } };
  const started = await client.call("thread/start", "thread/start", {
    cwd,
    approvalPolicy: "never",
    sandbox: "danger-full-access",
    dynamicTools: [{ name: "look", description: "Looks somewhere.", inputSchema }],
  });
  const threadId = idOf(started["thread"]);
  const contentItems = [{ type: "inputText", text: "A tree." }];
  client.answer = () => ({ result: { success: true, contentItems } });
  await client.turn("turn: succeeds", { threadId, input: text("one") });
  client.answer = () => ({ result: { success: false, contentItems } });
  await client.turn("turn: fails", { threadId, input: text("two") });
  client.answer = () => ({ error: { code: -32_000, message: "no" } });
  await client.turn("turn: refused", { threadId, input: text("three") });
}
