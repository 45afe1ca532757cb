import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** A command that ends when there is a file of that name. */
function until(file: string): string {
  return `until [ -e ${file} ]; do sleep 0.05; done; echo ${file}`;
}

/** What a client may say while a command of the user is a turn of its own. */
export const shellTurns: Scene = {
  name: "shell-turns",
  config: "include_permissions_instructions = false",
  script: ["Three.", "Five."].map((words) => messageExchange(words)),
  play,
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const shell = async (file: string): Promise<string> => {
    const from = client.notifications.length;
    await client.call(`shell: ${file}`, "thread/shellCommand", { threadId, command: until(file) });
    await client.until("item/started", { from });
    const { turn } = await client.until("turn/started", { from });
    return idOf(turn);
  };
  const begin = (words: string): Promise<unknown> =>
    client.call(`turn: ${words}`, "turn/start", { threadId, input: text(words) });

  // Nobody is asked: the model reads of both in the next turn.
  let from = client.notifications.length;
  const first = await shell("first");
  await begin("one");
  const steer = { threadId, expectedTurnId: first, input: text("two") };
  await client.call("turn/steer", "turn/steer", steer);
  await writeFile(join(cwd, "first"), "");
  await client.until("turn/completed", { from });
  await client.turn("turn: three", { threadId, input: text("three") });

  // Nobody reads what an interrupted turn had not come to.
  from = client.notifications.length;
  const second = await shell("second");
  await begin("four");
  await client.call("interrupt", "turn/interrupt", { threadId, turnId: second });
  await client.until("turn/completed", { from });
  await client.turn("turn: five", { threadId, input: text("five") });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
}
