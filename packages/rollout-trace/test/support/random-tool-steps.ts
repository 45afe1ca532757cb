import type { ExecCommandEndEvent } from "@codex-ts/protocol";
import type { RandomRun, RunningTool, Step, Work } from "./random-session.ts";

/** Tools that have steps of their own. */
const SPECIAL: ReadonlySet<string> = new Set([
  "exec",
  "spawn_agent",
  "send_message",
  "followup_task",
  "interrupt_agent",
]);

/** Takes an open call of one of the tools, or of any without steps of its own, and hands it to its tool. */
export function dispatchOne(
  { session }: Work,
  run: RandomRun,
  ...toolNames: string[]
): RunningTool | undefined {
  const calls = session.openCalls.filter(({ toolName }) =>
    toolNames.length === 0 ? !SPECIAL.has(toolName) : toolNames.includes(toolName),
  );
  if (session.turnId === undefined || calls.length === 0) return undefined;
  const call = session.takeCall(run.oneOf(calls).callId);
  return { call, dispatch: session.dispatch(call) };
}

function startTool(work: Work, run: RandomRun): void {
  const tool = dispatchOne(work, run);
  if (tool === undefined) return;
  if (run.isRare(8)) {
    tool.dispatch.recordFailed({ error: "refused" });
    return;
  }
  work.tools.push(tool);
}

function runProcess({ session, tools }: Work, run: RandomRun): void {
  const turnId = session.turnId;
  const commands = tools.filter(({ call }) => call.toolName === "exec_command");
  if (turnId === undefined || commands.length === 0) return;
  const tool = run.oneOf(commands);
  const isFirst = tool.processId === undefined;
  // Some processes come with an id, some get one at their end, and ids come back.
  tool.processId ??= String(run.pick(4));
  const facts = {
    call_id: tool.call.callId,
    turn_id: turnId,
    command: ["sh", "-c", "ls"],
    cwd: "/workspace",
    parsed_cmd: [],
    source: "unified_exec_startup",
  } as const;
  const processId = run.pick(2) === 0 ? { process_id: tool.processId } : {};
  if (isFirst) {
    session.trace.recordToolCallEvent({
      turnId,
      event: { ...facts, ...processId, type: "exec_command_begin", started_at_ms: 1 },
    });
    return;
  }
  const event: ExecCommandEndEvent = {
    ...facts,
    ...processId,
    type: "exec_command_end",
    completed_at_ms: 2,
    stdout: "out",
    stderr: "err",
    aggregated_output: "outerr",
    exit_code: run.pick(2),
    duration: { secs: 0, nanos: 0 },
    formatted_output: "outerr",
    status: run.oneOf(["completed", "failed", "declined"]),
  };
  session.trace.recordToolCallEvent({ turnId, event });
}

function runPatch({ session, tools }: Work, run: RandomRun): void {
  const turnId = session.turnId;
  const patches = tools.filter(({ call }) => call.toolName === "apply_patch");
  if (turnId === undefined || patches.length === 0) return;
  const { callId } = run.oneOf(patches).call;
  const facts = { call_id: callId, turn_id: turnId, changes: {} };
  const event = run.oneOf([
    { type: "patch_apply_begin", ...facts, auto_approved: true },
    {
      type: "patch_apply_end",
      ...facts,
      stdout: "",
      stderr: "",
      success: true,
      status: "completed",
    },
  ] as const);
  session.trace.recordToolCallEvent({ turnId, event });
}

function correlate({ session, tools }: Work, run: RandomRun): void {
  if (tools.length > 0 && run.isRare(3)) session.trace.startMcpCall(run.oneOf(tools).call.callId);
}

function resolveStdin({ session, tools }: Work, run: RandomRun): void {
  if (session.turnId === undefined || tools.length < 2) return;
  session.trace.recordStdinTargetResolved({
    turnId: session.turnId,
    toolCallId: run.oneOf(tools).call.callId,
    execToolCallId: run.oneOf(tools).call.callId,
  });
}

function finishTool({ session, tools }: Work, run: RandomRun): void {
  if (session.turnId === undefined || tools.length === 0) return;
  const [tool] = tools.splice(run.pick(tools.length), 1);
  if (tool !== undefined) session.finish(tool.call, tool.dispatch, `output ${run.pick(3)}`);
}

export const TOOL_STEPS: readonly Step[] = [
  startTool,
  startTool,
  runProcess,
  runProcess,
  runPatch,
  correlate,
  resolveStdin,
  finishTool,
  finishTool,
];
