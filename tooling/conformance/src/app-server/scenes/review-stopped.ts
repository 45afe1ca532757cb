import { failedExchange, hang, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { ExchangeSelector } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** Reviews that come while another one runs, fail, or are interrupted. */
export const reviewStopped: Scene = {
  name: "review-stopped",
  script: [
    streamExchange([hang()], { when: asks("Look at one."), repeat: Infinity }),
    failedExchange({ code: "invalid_prompt", message: "Refused.", when: asks("Look at two.") }),
    streamExchange([hang()], { when: asks("Look at three."), repeat: Infinity }),
    messageExchange("After."),
  ],
  play,
};

function asks(words: string): NonNullable<ExchangeSelector["when"]> {
  return ({ body }) => JSON.stringify(body).includes(words);
}

async function play(client: Client, { cwd, asked }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const review = async (label: string, instructions: string): Promise<string> => {
    const target = { type: "custom", instructions };
    return idOf((await client.call(label, "review/start", { threadId, target }))["turn"]);
  };
  const ended = (turnId: string): Promise<object> =>
    client.until("turn/completed", { matches: ({ turn }) => idOf(turn) === turnId });
  const first = await review("a review", "Look at one.");
  await asked(1);
  const more = { threadId, expectedTurnId: first, input: text("more") };
  await client.call("steered", "turn/steer", more);
  const second = await review("in its place", "Look at two.");
  await ended(first);
  await ended(second);
  const from = client.notifications.length;
  const third = await review("interrupted", "Look at three.");
  await asked(3);
  const { turn } = await client.until("turn/started", { from });
  await client.call("interrupt", "turn/interrupt", { threadId, turnId: idOf(turn) });
  await ended(third);
  await client.turn("turn: after", { threadId, input: text("after") });
  await client.call("thread/read", "thread/read", { threadId, includeTurns: true });
}
