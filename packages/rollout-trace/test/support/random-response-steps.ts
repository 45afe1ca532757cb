import type { ResponseItem } from "@codex-ts/protocol";
import type { RandomRun, Step, Work } from "./random-session.ts";
import { message } from "./recording.ts";

function startTurn({ session }: Work, { pick }: RandomRun): void {
  if (session.turnId === undefined) session.startTurn(`request ${pick(3)}`);
}

function endTurn({ session, tools }: Work, run: RandomRun): void {
  if (!run.isRare(3)) return;
  session.endTurn(run.oneOf(["completed", "failed", "cancelled"]));
  // Their outputs never enter the history.
  if (run.isRare(2)) tools.splice(0);
}

function startResponse(work: Work, run: RandomRun): void {
  const { session, responses } = work;
  if (session.turnId === undefined || responses.length >= 3) return;
  // As core does: one response is continued only when nothing else was asked since.
  const previous = responses.length === 0 && run.pick(2) === 0 ? work.chain : undefined;
  work.chain = undefined;
  responses.push({ ...session.startResponse(previous), endedBefore: work.endedResponses });
}

function receiveItem({ session, responses }: Work, run: RandomRun): void {
  if (responses.length > 0) session.receive(run.oneOf(responses), randomItem(run));
}

function randomItem(run: RandomRun): ResponseItem {
  const withId = run.pick(2) === 0 ? { id: run.ids.next("item") } : {};
  return run.oneOf([
    // The last one is cut in the middle of a character, as text is that was cut by its length.
    () => message(run.oneOf(["text 1", "text 2", "cut \ud83d"]), withId),
    () => randomCall(run, withId),
    () => randomCall(run, withId),
    () => randomCall(run, withId),
    () => ({
      type: "reasoning" as const,
      ...withId,
      summary: [{ type: "summary_text" as const, text: "because" }],
      encrypted_content: `secret ${run.pick(3)}`,
    }),
    () => ({ type: "other" as const, raw: { type: "future_item" } }),
  ])();
}

function randomCall(run: RandomRun, withId: { readonly id?: string }): ResponseItem {
  const call_id = run.ids.next("call");
  const custom = (name: string): ResponseItem => ({
    type: "custom_tool_call",
    ...withId,
    call_id,
    name,
    input: `text(${run.pick(3)})`,
  });
  const named = (name: string, input: object): ResponseItem => ({
    type: "function_call",
    ...withId,
    name,
    arguments: run.isRare(6) ? "{cut" : JSON.stringify(input),
    call_id,
  });
  return run.oneOf([
    () => custom("apply_patch"),
    () => custom("exec"),
    () => named("exec_command", { cmd: "ls" }),
    () => named("exec_command", { cmd: "cat" }),
    () => named("write_stdin", { session_id: run.pick(4), chars: "x" }),
    () => named("wait", { cell_id: String(run.pick(4)) }),
    () => named("spawn_agent", { task_name: "helper", message: `task ${run.pick(3)}` }),
    () => named(run.oneOf(["send_message", "followup_task"]), { message: `task ${run.pick(3)}` }),
    () => named("interrupt_agent", { target: "helper" }),
    () => named("no_such_tool", {}),
  ])();
}

export function endResponse(work: Work, run: RandomRun): void {
  const { session, responses } = work;
  if (responses.length === 0) return;
  const [response] = responses.splice(run.pick(responses.length), 1);
  if (response === undefined) return;
  // Alone from its request to its end; schema 1 takes the items of an older response that ends late into the history.
  const isOnly = responses.length === 0 && response.endedBefore === work.endedResponses;
  work.endedResponses += 1;
  const partial = { upstreamRequestId: run.ids.next("req"), outputItems: response.items };
  const ends = {
    complete: () => {
      const responseId = session.complete(response);
      // Items that came in while the response ran are part of neither its request nor its output.
      const isWhole = session.history
        .slice(response.sentItems)
        .every((item) => response.items.includes(item));
      const isLive = isOnly && response.turnId === session.turnId && isWhole;
      work.chain = isLive ? { responseId, known: session.history.length } : undefined;
    },
    fail: () => response.attempt.recordFailed({ ...partial, error: "broken" }),
    cancel: () => response.attempt.recordCancelled(partial),
  };
  run.oneOf([ends.complete, ends.complete, ends.fail, ends.cancel])();
  // Whatever races, the first end counts.
  if (run.isRare(3)) run.oneOf([ends.fail, ends.cancel])();
}

function compact(work: Work, run: RandomRun): void {
  const { session } = work;
  const { turnId, history } = session;
  if (turnId === undefined || !run.isRare(4)) return;
  const context = session.trace.compactionContext({
    turnId,
    compactionId: run.ids.next("compaction"),
    model: "model-a",
    providerName: "provider-a",
  });
  const attempt = context.startAttempt({ model: "model-a", input: [] });
  if (run.isRare(3)) {
    attempt.recordFailed({ error: "http 500" });
    return;
  }
  const summary: ResponseItem = { type: "compaction", encrypted_content: run.ids.next("secret") };
  attempt.recordCompleted({ outputItems: [summary] });
  const inputHistory = [...history];
  history.splice(0, history.length, ...inputHistory.slice(-run.pick(3) - 1), summary);
  context.recordInstalled({ inputHistory, replacementHistory: [...history] });
  work.chain = undefined;
}

export const RESPONSE_STEPS: readonly Step[] = [
  startTurn,
  startResponse,
  startResponse,
  receiveItem,
  receiveItem,
  receiveItem,
  endResponse,
  endResponse,
  endTurn,
  compact,
];
