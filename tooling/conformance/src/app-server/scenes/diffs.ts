import {
  customToolCall,
  failedExchange,
  hang,
  itemAdded,
  messageExchange,
  messageItem,
  streamExchange,
  textDelta,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

function patch(callId: string, ...lines: readonly string[]): Exchange {
  const input = ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
  return streamExchange([customToolCall("apply_patch", input, callId)]);
}

const script: readonly Exchange[] = [
  patch(
    "call_1",
    "*** Add File: new.txt",
    "+first",
    "+second",
    "*** Update File: old.txt",
    "@@",
    " alpha",
    "-beta",
    "+BETA",
  ),
  patch("call_2", "*** Update File: new.txt", "@@", " first", "-second", "+zweite"),
  patch("call_3", "*** Update File: gone.txt", "@@", "-nothing", "+something"),
  patch(
    "call_4",
    "*** Delete File: bare.txt",
    "*** Update File: moved.txt",
    "*** Move to: sub/there.txt",
    "@@",
    "-one",
    "+two",
  ),
  messageExchange("Patched."),
  patch("call_5", "*** Update File: old.txt", "@@", "-BETA", "+beta"),
  messageExchange("Back."),
  patch("call_6", "*** Add File: a.txt", "+a"),
  patch("call_7", "*** Delete File: a.txt"),
  messageExchange("Nothing."),
  patch("call_8", "*** Add File: b.txt", "+b"),
  streamExchange([itemAdded(messageItem("", { id: "msg_hang" })), textDelta("Well"), hang()], {
    when: ({ body }) => !JSON.stringify(body).includes("five"),
    repeat: Infinity,
  }),
  patch("call_9", "*** Add File: c.txt", "+c"),
  failedExchange({ code: "invalid_prompt", message: "Refused." }),
];

/** What a turn has changed with patches, all of it in one diff. */
export const diffs: Scene = {
  name: "diffs",
  files: { "old.txt": "alpha\nbeta\ngamma\n", "bare.txt": "no end", "moved.txt": "one\n" },
  script,
  play,
};

/** The same in a repository, below its root. */
export const diffsInRepository: Scene = {
  ...diffs,
  name: "diffs-in-repository",
  git: [["init", "-q"]],
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  await client.turn("turn: patches", { threadId, input: text("one") });
  await client.turn("turn: another", { threadId, input: text("two") });
  await client.turn("turn: back again", { threadId, input: text("three") });
  const from = client.notifications.length;
  const { turn } = await client.call("turn: stopped", "turn/start", {
    threadId,
    input: text("four"),
  });
  await client.until("turn/diff/updated", { from });
  // A response that has not begun by then says nothing about limits.
  await client.until("item/agentMessage/delta", { from });
  await client.call("interrupt", "turn/interrupt", { threadId, turnId: idOf(turn) });
  await client.until("turn/completed", { from });
  await client.turn("turn: failed", { threadId, input: text("five") });
}
