import { messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** What can be done with threads that have had no turn. */
export const freshThreads: Scene = {
  name: "fresh-threads",
  config: "include_permissions_instructions = false",
  script: ["One.", "Two.", "Three."].map((words) => messageExchange(words)),
  play,
};

async function play(client: Client, { cwd, compatibility }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const start = async (label: string): Promise<string> =>
    idOf((await client.call(label, "thread/start", settings))["thread"]);
  const readTurns = (label: string, threadId: string): Promise<unknown> =>
    client.call(label, "thread/read", { threadId, includeTurns: true });

  const fresh = await start("thread/start");
  await client.call("read", "thread/read", { threadId: fresh });
  await readTurns("refused: thread/read", fresh);
  await client.call("refused: thread/turns/list", "thread/turns/list", { threadId: fresh });
  await client.call("refused: thread/resume", "thread/resume", { threadId: fresh });
  const withoutTurns = { threadId: fresh, excludeTurns: true };
  await client.call("refused: without turns", "thread/resume", withoutTurns);

  // A name makes the file.
  const named = await start("thread to name");
  await client.call("named", "thread/name/set", { threadId: named, name: "fresh" });
  await readTurns("read when named", named);
  await client.call("resumed when named", "thread/resume", { threadId: named });
  await client.call("listed when named", "thread/list", {});
  await client.call("forked when named", "thread/fork", { threadId: named });
  await client.turn("turn: one", { threadId: named, input: text("one") });

  const archived = await start("thread to archive");
  await client.call("archived", "thread/archive", { threadId: archived });
  if (compatibility === "0.171") {
    await readTurns("read when archived", archived);
    await client.call("thread/list archived", "thread/list", { archived: true });
    await client.call("refused: archived", "thread/resume", { threadId: archived });
    await client.call("unarchived", "thread/unarchive", { threadId: archived });
    await client.call("resumed when unarchived", "thread/resume", { threadId: archived });
  }

  const forked = idOf((await client.call("forked", "thread/fork", { threadId: fresh }))["thread"]);
  await readTurns("refused: when forked", fresh);
  if (compatibility === "0.171") {
    await readTurns("read fork", forked);
    await client.call("resumed fork", "thread/resume", { threadId: forked });
    await client.call("fork of fork", "thread/fork", { threadId: forked, excludeTurns: true });
    await client.turn("turn: fork", { threadId: forked, input: text("two") });
  }
  await client.turn("turn: fresh", { threadId: fresh, input: text("three") });
}
