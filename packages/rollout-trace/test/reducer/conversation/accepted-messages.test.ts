import type { AgentMessageItem, ResponseItem } from "@codex-ts/protocol";
import { openBundle, reduceBundle, type ReducedTrace } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { startRoot, userMessage } from "../../support/recording.ts";

type Step =
  | { readonly accept: string }
  | { readonly request: readonly ResponseItem[]; readonly previous?: string }
  | { readonly complete: readonly ResponseItem[] }
  | { readonly install: readonly [readonly ResponseItem[], readonly ResponseItem[]] };

const x = userMessage("x");
const y = userMessage("y");

function note(id?: string, text = "hurry"): AgentMessageItem {
  return {
    type: "agent_message",
    ...(id === undefined ? {} : { id }),
    author: "/root/helper",
    recipient: "/root",
    content: [{ type: "input_text", text }],
  };
}

async function reduceSteps(steps: readonly Step[]): Promise<ReducedTrace> {
  await using folder = await temporaryDirectory();
  const thread = startRoot(folder.path);
  const turnId = "turn-a";
  thread.recordTurnStarted({ turnId });
  const context = thread.inferenceContext({ turnId, model: "m", providerName: "p" });
  let attempt = context.startAttempt();
  for (const step of steps) {
    if ("accept" in step) {
      const item = note(step.accept);
      thread.recordHistoryItemAccepted({ turnId, item, wireItemId: step.accept });
    } else if ("request" in step) {
      attempt = context.startAttempt();
      const previous = step.previous && { previous_response_id: step.previous };
      attempt.recordStarted({ input: step.request, ...previous });
    } else if ("complete" in step) {
      attempt.recordCompleted({
        responseId: "r",
        upstreamRequestId: null,
        tokenUsage: null,
        outputItems: step.complete,
      });
    } else {
      const [inputHistory, replacementHistory] = step.install;
      thread
        .compactionContext({ turnId, compactionId: "c", model: "m", providerName: "p" })
        .recordInstalled({ inputHistory, replacementHistory });
    }
  }
  const bundle = openBundle(thread.bundlePath ?? "");
  return (await reduceBundle(bundle, { mode: "strict" })).state;
}

function numbers(ids: readonly string[]): string {
  return ids.map((id) => id.slice("conversation_item:".length)).join(",");
}

/** Numbers of the items of each request, as 0.169 gives them for the same bundle. */
test.each<[string, readonly Step[], readonly string[]]>([
  ["takes a request's item of its id", [{ accept: "a" }, { request: [x, note("a")] }], ["2,1"]],
  ["takes none without an id", [{ accept: "a" }, { request: [x, note()] }], ["2,3"]],
  ["takes none of another id", [{ accept: "a" }, { request: [x, note("b")] }], ["2,3"]],
  [
    "is not part of what the model saw before",
    [{ request: [x] }, { accept: "a" }, { request: [x, note()] }],
    ["1", "1,3"],
  ],
  [
    "waits until a request shows it",
    [{ request: [x] }, { accept: "a" }, { request: [x] }, { request: [x, note("a")] }],
    ["1", "1", "1,2"],
  ],
  [
    "is found by its id in any order",
    [{ request: [x] }, { accept: "a" }, { accept: "b" }, { request: [x, note("b"), note("a")] }],
    ["1", "1,3,2"],
  ],
  ["is taken once in a list", [{ accept: "a" }, { request: [x, note("a"), note("a")] }], ["2,1,3"]],
  [
    "is taken once in all",
    [{ accept: "a" }, { request: [note("a")] }, { request: [x] }, { request: [note("a")] }],
    ["1", "2", "3"],
  ],
  [
    "comes after an item of the history that matches",
    [{ request: [x, note()] }, { accept: "a" }, { request: [note("a"), note("a")] }],
    ["1,2", "2,3"],
  ],
  [
    "waits through a compaction",
    [{ request: [x] }, { accept: "a" }, { install: [[x], [y]] }, { request: [y, note("a")] }],
    ["1", "4,2"],
  ],
  [
    "may be part of a replacement",
    [
      { request: [x] },
      { accept: "a" },
      { install: [[x], [y, note("a")]] },
      { request: [y, note("a")] },
    ],
    ["1", "4,2"],
  ],
  [
    "does not stand in the way of an incremental request",
    [
      { request: [x] },
      { accept: "a" },
      { complete: [userMessage("z")] },
      { request: [note("a")], previous: "r" },
    ],
    ["1", "1,3,2"],
  ],
  [
    "is not found by the body it had before a response gave it another",
    [
      { accept: "a" },
      { request: [x] },
      { complete: [note("a")] },
      { request: [x, note()] },
      { complete: [note("a", "slow down")] },
      { request: [x, note()] },
      { request: [x, note(), y] },
    ],
    ["2", "2,1", "2,3", "2,3,4"],
  ],
])("[trace/S10] an accepted message of another agent %s", async (_, steps, expected) => {
  const state = await reduceSteps(steps);
  const calls = Object.values(state.inference_calls);
  expect(calls.map((call) => numbers(call.request_item_ids))).toEqual(expected);
});

test("[trace/S10] an accepted message gets the body that a request shows under its id", async () => {
  const state = await reduceSteps([{ accept: "a" }, { request: [x, note("a", "slow down")] }]);
  expect(state.conversation_items["conversation_item:1"]).toMatchObject({
    body: { parts: [{ type: "text", text: "slow down" }] },
    agent_message: { author: "/root/helper", recipient: "/root" },
  });
});
