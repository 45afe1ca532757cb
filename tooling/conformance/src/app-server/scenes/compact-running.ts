import { gate, messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** A compaction that is asked for while a turn runs. */
export const compactRunning: Scene = {
  name: "compact-running",
  config: `include_permissions_instructions = false
compact_prompt = "Write a summary."`,
  script: [
    { ...messageExchange("One."), beforeStatus: [gate("never")] },
    messageExchange("The summary."),
    messageExchange("Two."),
  ],
  play,
};

async function play(client: Client, { cwd, asked }: SceneFacts): Promise<void> {
  await initialize(client, ["thread/tokenUsage/updated", "account/rateLimits/updated"]);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const input = text("one");
  const turn = await client.call("turn: one", "turn/start", { threadId, input });
  await asked(1);
  await client.call("thread/compact/start", "thread/compact/start", { threadId });
  const isOther = ({ turn: ended }: { readonly turn?: unknown }): boolean =>
    idOf(ended) !== idOf(turn["turn"]);
  await client.until("turn/completed", { matches: isOther });
  await client.turn("turn: two", { threadId, input: text("two") });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
}
