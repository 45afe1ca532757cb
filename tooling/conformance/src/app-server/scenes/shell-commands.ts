import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { created, functionCallExchange, gate, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** A command that ends when there is a file of that name. */
function until(file: string): string {
  return `until [ -e ${file} ]; do sleep 0.05; done; echo ${file}`;
}

function call(callId: string, cmd: string): Exchange {
  return functionCallExchange({
    name: "exec_command",
    args: { cmd, yield_time_ms: 20_000 },
    callId,
  });
}

/** A message that comes when the scene lets it. */
function held(words: string): Exchange {
  return { ...messageExchange(words), beforeStatus: [gate(words)] };
}

/** Commands of the user while a turn runs. */
export const shellCommands: Scene = {
  name: "shell-commands",
  config: "include_permissions_instructions = false",
  script: [
    call("call_1", until("model-1")),
    held("One."),
    held("Two."),
    messageExchange("Told."),
    call("call_3", until("model-3")),
    held("Three."),
    messageExchange("Four."),
    { events: [created(), gate("never")] },
    messageExchange("Six."),
  ],
  play,
};

async function play(client: Client, facts: SceneFacts): Promise<void> {
  const { cwd } = facts;
  // Counts come beside the ends of commands, in any order.
  await initialize(client, ["thread/tokenUsage/updated", "account/rateLimits/updated"]);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const shell = (command: string): Promise<unknown> =>
    client.call(command, "thread/shellCommand", { threadId, command });
  const begun = (id: string, from = 0): Promise<unknown> =>
    client.until("item/started", { from, matches: ({ item }) => idOf(item) === id });
  // 0.140 says at some time that a command has ended.
  const ended = async (id: string, file: string): Promise<void> => {
    await writeFile(join(cwd, file), "");
    await client.until("item/completed", { matches: ({ item }) => idOf(item) === id });
  };
  const userCommand = (method: string, from: number): Promise<unknown> =>
    client.until(method, { from, matches: ({ item }) => isOfUser(item) });
  const begin = (words: string): Promise<unknown> =>
    client.call(`turn: ${words}`, "turn/start", { threadId, input: text(words) });

  // Between a call of a tool and its output.
  await begin("one");
  await begun("call_1");
  await shell("echo beside a tool");
  await userCommand("item/completed", 0);
  await ended("call_1", "model-1");
  facts.release("One.");
  await client.until("turn/completed");

  // While the model is asked for its last words.
  let from = client.notifications.length;
  await begin("two");
  await facts.asked(3);
  await shell("echo beside words");
  await userCommand("item/completed", from);
  facts.release("Two.");
  await client.until("turn/completed", { from });

  // Longer than the turn.
  from = client.notifications.length;
  await begin("three");
  await begun("call_3");
  await shell(until("user-3"));
  await userCommand("item/started", from);
  await ended("call_3", "model-3");
  facts.release("Three.");
  await client.until("turn/completed", { from });
  await writeFile(join(cwd, "user-3"), "");
  await userCommand("item/completed", from);
  await client.turn("turn: four", { threadId, input: text("four") });

  // Killed with its turn.
  from = client.notifications.length;
  const last = await client.call("turn: five", "turn/start", { threadId, input: text("five") });
  await facts.asked(8);
  await shell(until("never"));
  await userCommand("item/started", from);
  await client.call("interrupt", "turn/interrupt", { threadId, turnId: idOf(last["turn"]) });
  await client.until("turn/completed", { from });
  await client.turn("turn: six", { threadId, input: text("six") });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
}

function isOfUser(item: unknown): boolean {
  return (item as { readonly source?: string } | undefined)?.source === "userShell";
}
