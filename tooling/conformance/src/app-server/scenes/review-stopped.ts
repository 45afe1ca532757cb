import { failedExchange, hang, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** Reviews that are interrupted, fail, or come while a turn runs. */
export const reviewStopped: Scene = {
  name: "review-stopped",
  script: [
    streamExchange([hang()]),
    failedExchange({ code: "invalid_prompt", message: "Refused." }),
    messageExchange("Reviewed."),
    messageExchange("After."),
  ],
  play,
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const target = { type: "custom", instructions: "Look." };
  const from = client.notifications.length;
  const first = await client.call("interrupted", "review/start", { threadId, target });
  const turnId = idOf(first["turn"]);
  await client.until("item/completed", { from, matches: (params) => (params["item"] as { type?: string }).type === "userMessage" });
  await client.call("steered", "turn/steer", { threadId, expectedTurnId: turnId, input: text("more") });
  await client.call("a second one", "review/start", { threadId, target });
  await client.call("interrupt", "turn/interrupt", { threadId, turnId });
  await client.until("turn/completed", { from });
  await new Promise((r) => setTimeout(r, 1500));
  const next = client.notifications.length;
  await client.call("failing", "review/start", { threadId, target });
  await client.until("turn/completed", { from: next });
  await client.turn("turn: after", { threadId, input: text("after") });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
}
