import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

const CALL = { name: "exec_command", args: { cmd: "true" }, callId: "call_1" };

/** Every method that needs no other surroundings, one after the other. */
export const methods: Scene = {
  name: "methods",
  config: `include_permissions_instructions = false
compact_prompt = "Write a summary."`,
  // With it 0.171 names the service tier of a thread.
  features: ["fast_mode"],
  script: [
    messageExchange("One."),
    functionCallExchange(CALL),
    messageExchange("Two."),
    messageExchange("Three."),
    messageExchange("The summary."),
  ],
  play,
};

async function play(client: Client, { cwd, compatibility }: SceneFacts): Promise<void> {
  await client.call("too early", "model/list", {});
  const clientInfo = { name: "every-method", title: null, version: "1.0.0" };
  const capabilities = { experimentalApi: true };
  await client.call("initialize", "initialize", { clientInfo, capabilities });
  client.send({ method: "initialized" });
  await client.call("initialize again", "initialize", { clientInfo });
  await client.call("model/list", "model/list", {});
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  await client.call("no turn to interrupt", "turn/interrupt", { threadId, turnId: "none" });
  const steering = { threadId, expectedTurnId: "none", input: text("x") };
  await client.call("no turn to steer", "turn/steer", steering);
  const stranger = "01a1fa2c-0de2-7da3-b2e1-9642ce10eb20";
  await client.call("unknown thread", "turn/start", { threadId: stranger, input: text("x") });
  await client.call("nothing to resume", "thread/resume", { threadId: stranger });
  await client.turn("turn: one", { threadId, input: text("one") });
  await client.turn("turn: tool", { threadId, input: text("two") });
  const last = await client.turn("turn: three", { threadId, input: text("three") });
  await client.call("thread/name/set", "thread/name/set", { threadId, name: "A name" });
  await client.call("empty name", "thread/name/set", { threadId, name: " " });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
  await client.call("thread/turns/list", "thread/turns/list", { threadId });
  await client.call("thread/list", "thread/list", {});
  await client.call("thread/loaded/list", "thread/loaded/list", {});
  await client.call("skills/list", "skills/list", {});
  await client.call("account/read", "account/read", {});
  await client.call("getAuthStatus", "getAuthStatus", {});
  await client.call("mcpServerStatus/list", "mcpServerStatus/list", {});
  await client.ending("thread/shellCommand", { threadId, command: "echo user" });
  if (compatibility === "0.140") {
    await client.call("taken back", "thread/rollback", { threadId, numTurns: 1 });
  } else {
    await client.call("taken back", "thread/revert", { threadId, beforeTurnId: last });
  }
  await client.call("thread/fork", "thread/fork", { threadId });
  await client.ending("thread/compact/start", { threadId });
  await client.call("thread/unsubscribe", "thread/unsubscribe", { threadId });
  await client.call("thread/resume", "thread/resume", { threadId });
  await client.call("thread/archive", "thread/archive", { threadId });
  await client.call("thread/list archived", "thread/list", { archived: true });
  await client.call("thread/unarchive", "thread/unarchive", { threadId });
  await client.until("thread/unarchived");
}
