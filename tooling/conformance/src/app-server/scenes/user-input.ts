import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

const OPTIONS = [
  { label: "Red", description: "Warm." },
  { label: "Blue", description: "Cold." },
];
const COLOR = { id: "color", header: "Color", question: "Which color?", options: OPTIONS };
const SIZE = { id: "size", header: "Size", question: "Which size?", options: OPTIONS };

function ask(callId: string, args: object): Exchange {
  return functionCallExchange({ name: "request_user_input", args: args as never, callId });
}

/** Questions of the model to the user. */
export const userInput: Scene = {
  name: "user-input",
  // 0.171 warns of features that are not finished.
  config: `include_permissions_instructions = false
suppress_unstable_features_warning = true`,
  features: ["default_mode_request_user_input"],
  script: [
    ask("call_1", { questions: [COLOR, SIZE] }),
    messageExchange("Thanks."),
    ask("call_2", { questions: [] }),
    messageExchange("Oh."),
    ask("call_3", { questions: [{ ...COLOR, options: [] }] }),
    messageExchange("Oh."),
    ask("call_4", { questions: [COLOR] }),
    messageExchange("Refused."),
    ask("call_5", { questions: [COLOR] }),
    ask("call_6", { questions: [COLOR] }),
    messageExchange("Planned."),
  ],
  play,
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  client.answer = () => ({
    result: {
      answers: { color: { answers: ["Red"] }, size: { answers: ["Blue", "user_note: large"] } },
    },
  });
  await client.turn("turn: answered", { threadId, input: text("one") });
  await client.turn("turn: no question", { threadId, input: text("two") });
  await client.turn("turn: no option", { threadId, input: text("three") });
  client.answer = () => ({ error: { code: -32_000, message: "no" } });
  await client.turn("turn: refused", { threadId, input: text("four") });
  client.answer = () => undefined;
  const from = client.notifications.length;
  const asked = await client.call("turn: interrupted", "turn/start", {
    threadId,
    input: text("five"),
  });
  await client.until("item/tool/requestUserInput", { from });
  await client.call("read while asked", "thread/read", { threadId });
  await client.call("interrupt", "turn/interrupt", { threadId, turnId: idOf(asked["turn"]) });
  await client.until("turn/completed", { from });
  client.answer = () => ({ result: { answers: { color: { answers: ["Blue"] } } } });
  const collaborationMode = {
    mode: "plan",
    settings: { model: "gpt-mock", reasoning_effort: null, developer_instructions: "Plan first." },
  };
  await client.turn("turn: plan", { threadId, input: text("six"), collaborationMode });
}
