import type { ResponseItem } from "@codex-ts/protocol";
import type { ThreadTrace, ToolDispatchTrace } from "@codex-ts/rollout-trace";
import { AgentSession, IdSource, type OpenCall, type RunningResponse } from "./agent-session.ts";
import { childMetadata, message, ROOT_THREAD } from "./recording.ts";

/** Gives an index below `count`; all randomness of a run comes from here. */
export type Pick = (count: number) => number;

interface Work {
  readonly session: AgentSession;
  readonly responses: RunningResponse[];
  readonly tools: {
    readonly call: OpenCall;
    readonly dispatch: ToolDispatchTrace;
    hasProcess: boolean;
  }[];
}

type Step = (work: Work, run: RandomRun) => void;

/**
 * A run of `steps` random steps over a root thread and its children: responses that overlap, break, are dropped or end
 * late, parallel tools, turns that end in the middle, compactions. Everything the recorders accept may come at any time.
 */
export function recordRandomSession(trace: ThreadTrace, pick: Pick, steps: number): void {
  const run = new RandomRun(trace, pick);
  for (let step = 0; step < steps; step += 1) run.step();
  run.end();
}

class RandomRun {
  readonly pick: Pick;
  readonly ids = new IdSource();
  readonly works: Work[] = [];

  constructor(trace: ThreadTrace, pick: Pick) {
    this.pick = pick;
    this.open(trace);
  }

  open(trace: ThreadTrace): void {
    const session = new AgentSession(trace, this.ids);
    this.works.push({ session, responses: [], tools: [] });
  }

  oneOf<T>(list: readonly T[]): T {
    const element = list[this.pick(list.length)];
    if (element === undefined) throw new Error("nothing to pick from");
    return element;
  }

  step(): void {
    this.oneOf(STEPS)(this.oneOf(this.works), this);
  }

  /** Threads end in any order; what still runs may end before, after, or never. */
  end(): void {
    const open = [...this.works];
    while (open.length > 0) {
      const [work] = open.splice(this.pick(open.length), 1);
      if (work === undefined) return;
      if (this.pick(2) === 0) endResponse(work, this);
      if (this.pick(4) > 0) work.session.endTurn("completed");
      if (this.pick(4) > 0) work.session.trace.recordEnded("completed");
      work.session.trace.close();
      if (this.pick(2) === 0) endResponse(work, this);
    }
  }
}

const STEPS: readonly Step[] = [
  startTurn,
  startResponse,
  startResponse,
  receiveItem,
  receiveItem,
  receiveItem,
  endResponse,
  endResponse,
  startTool,
  startTool,
  runTool,
  finishTool,
  finishTool,
  endTurn,
  compact,
  spawn,
];

function startTurn({ session }: Work, { pick }: RandomRun): void {
  if (session.turnId === undefined) session.startTurn(`request ${pick(3)}`);
}

function endTurn({ session }: Work, run: RandomRun): void {
  if (run.pick(3) === 0) session.endTurn(run.oneOf(["completed", "failed", "cancelled"]));
}

function startResponse({ session, responses }: Work): void {
  if (session.turnId !== undefined && responses.length < 3) responses.push(session.startResponse());
}

function receiveItem({ session, responses }: Work, run: RandomRun): void {
  if (responses.length === 0) return;
  session.receive(run.oneOf(responses), randomItem(run));
}

function randomItem(run: RandomRun): ResponseItem {
  const callId = run.ids.next("call");
  const withId = run.pick(2) === 0 ? { id: run.ids.next("item") } : {};
  const tool = run.oneOf(["exec_command", "update_plan", "write_stdin", "wait", "no_such_tool"]);
  return run.oneOf<ResponseItem>([
    message(`text ${run.pick(3)}`, withId),
    {
      type: "function_call",
      ...withId,
      name: tool,
      arguments: `{"n":${run.pick(3)}}`,
      call_id: callId,
    },
    { type: "function_call", ...withId, name: tool, arguments: "{cut", call_id: callId },
    { type: "custom_tool_call", ...withId, name: "apply_patch", input: "patch", call_id: callId },
    {
      type: "reasoning",
      ...withId,
      summary: [{ type: "summary_text", text: "because" }],
      encrypted_content: `secret ${run.pick(3)}`,
    },
    { type: "other", raw: { type: "future_item" } },
  ]);
}

function endResponse({ session, responses }: Work, run: RandomRun): void {
  if (responses.length === 0) return;
  const [response] = responses.splice(run.pick(responses.length), 1);
  if (response === undefined) return;
  const partial = { upstreamRequestId: run.ids.next("req"), outputItems: response.items };
  const ends = [
    () => void session.complete(response),
    () => response.attempt.recordFailed({ ...partial, error: "broken" }),
    () => response.attempt.recordCancelled(partial),
  ];
  // Whatever races, the first end counts.
  run.oneOf(ends)();
  if (run.pick(3) === 0) run.oneOf(ends)();
}

function startTool({ session, tools }: Work, run: RandomRun): void {
  if (session.turnId === undefined || session.openCalls.length === 0) return;
  const call = session.takeCall(run.oneOf(session.openCalls).callId);
  tools.push({ call, dispatch: session.dispatch(call), hasProcess: false });
}

function runTool({ session, tools }: Work, run: RandomRun): void {
  const turnId = session.turnId;
  if (turnId === undefined || tools.length === 0) return;
  const tool = run.oneOf(tools);
  const facts = {
    call_id: tool.call.callId,
    process_id: String(run.pick(3)),
    turn_id: turnId,
    command: ["sh"],
    cwd: "/workspace",
    parsed_cmd: [],
    source: "unified_exec_startup",
  };
  if (tool.call.toolName !== "exec_command") return;
  if (!tool.hasProcess) {
    tool.hasProcess = true;
    const event = { ...facts, process_id: undefined, type: "exec_command_begin", started_at_ms: 1 };
    session.trace.recordToolCallEvent({ turnId, event: event as never });
    return;
  }
  session.trace.recordToolCallEvent({
    turnId,
    event: {
      ...facts,
      type: "exec_command_end",
      completed_at_ms: 2,
      stdout: "",
      stderr: "",
      aggregated_output: "",
      exit_code: run.pick(2),
      duration: { secs: 0, nanos: 0 },
      formatted_output: "",
      status: run.oneOf(["completed", "failed"]),
    },
  });
}

function finishTool({ session, tools }: Work, run: RandomRun): void {
  if (session.turnId === undefined || tools.length === 0) return;
  const [tool] = tools.splice(run.pick(tools.length), 1);
  if (tool === undefined) return;
  session.finish(tool.call, tool.dispatch, `output ${run.pick(3)}`);
}

function compact({ session }: Work, run: RandomRun): void {
  const { turnId, history } = session;
  if (turnId === undefined || run.pick(3) > 0) return;
  const context = session.trace.compactionContext({
    turnId,
    compactionId: run.ids.next("compaction"),
    model: "model-a",
    providerName: "provider-a",
  });
  const attempt = context.startAttempt({ model: "model-a", input: [] });
  if (run.pick(3) === 0) {
    attempt.recordFailed({ error: "http 500" });
    return;
  }
  const summary: ResponseItem = { type: "compaction", encrypted_content: run.ids.next("secret") };
  attempt.recordCompleted({ outputItems: [summary] });
  const inputHistory = [...history];
  history.splice(0, history.length, ...inputHistory.slice(-run.pick(2) - 1), summary);
  context.recordInstalled({ inputHistory, replacementHistory: [...history] });
}

function spawn({ session }: Work, run: RandomRun): void {
  if (run.works.length >= 4 || session.trace.threadId !== ROOT_THREAD) return;
  run.open(session.trace.startChild(childMetadata(run.ids.nextUuid())));
}
