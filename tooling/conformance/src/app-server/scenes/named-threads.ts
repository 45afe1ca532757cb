import { messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** Threads named by their file, settings of threads that run, and forks of a part. */
export const namedThreads: Scene = {
  name: "named-threads",
  config: "include_permissions_instructions = false",
  script: ["One.", "Two.", "Three.", "Forked."].map((words) => messageExchange(words)),
  play,
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const { path } = started["thread"] as { readonly path: string };
  const ids: string[] = [];
  for (const words of ["one", "two", "three"]) {
    ids.push(await client.turn(`turn: ${words}`, { threadId, input: text(words) }));
  }
  const [beforeTurnId = "", lastTurnId = ""] = ids;
  const others = { model: "other", approvalPolicy: "on-request", sandbox: "read-only" };
  await client.call("running", "thread/resume", { threadId, ...others });
  await client.call("running, by path", "thread/resume", { threadId: "", path });
  await client.call("running, elsewhere", "thread/resume", { threadId, path: `${path}.other` });
  const absent = { threadId: "", path: "none.jsonl" };
  await client.call("no such file", "thread/resume", absent);
  await client.call("fork of no such file", "thread/fork", absent);
  await client.call("fork by path", "thread/fork", { threadId: "", path });
  await client.call("both", "thread/fork", { threadId, beforeTurnId, lastTurnId });
  await client.call("no such turn", "thread/fork", { threadId, lastTurnId: "none" });
  await client.call("from nothing", "thread/fork", { threadId, beforeTurnId });
  const forked = await client.call("a part", "thread/fork", { threadId, lastTurnId });
  const forkId = idOf(forked["thread"]);
  await client.turn("turn: forked", { threadId: forkId, input: text("four") });
  await client.call("read a part", "thread/read", { threadId: forkId, includeTurns: true });
}
