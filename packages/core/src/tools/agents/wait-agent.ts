import { MAX_WAIT_MS } from "../../agents/subagent-options.ts";
import { ArgumentReader } from "../arguments.ts";
import { functionSpec } from "../function-spec.ts";
import { ToolError } from "../tool.ts";
import type { Tool, ToolCall, ToolOutput } from "../tool.ts";
import { jsonOutput } from "./agent-call.ts";
import { timeout } from "./agent-specs.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";
import { settled } from "./settled.ts";

const DEFAULT_WAIT_MS = 30_000;
export const DEFAULT_MIN_WAIT_MS = 10_000;

/** The tool `wait_agent`: waits until another agent has written. */
export function waitAgentTool(settings: AgentToolSettings): Tool {
  const { minWaitMs = DEFAULT_MIN_WAIT_MS } = settings.tree.settings;
  return {
    name: "wait_agent",
    kind: "function",
    spec: functionSpec(
      "wait_agent",
      "Wait until another agent has written to you or has ended a turn. What it says reaches you as a message.",
      { timeout_ms: timeout(minWaitMs, MAX_WAIT_MS) },
    ),
    parallel: false,
    run: (call) => wait(settings, call),
  };
}

async function wait(settings: AgentToolSettings, call: ToolCall): Promise<ToolOutput> {
  const { tree, self } = settings;
  const args = new ArgumentReader(call.input);
  args.allowOnly(["timeout_ms"]);
  const asked = args.signedNumber("timeout_ms");
  const { ms, note } = waitingTime(settings, asked);
  const itemId = call.report.nextItemId();
  const facts = { call_id: call.callId, sender_thread_id: call.threadId };
  call.report.emit(
    {
      type: "collab_waiting_begin",
      started_at_ms: call.now(),
      ...facts,
      receiver_thread_ids: [],
    },
    { itemId },
  );
  let outcome: "mail" | "input" | undefined;
  try {
    outcome = await settled<"mail" | "input">({
      ms,
      signal: call.signal,
      begin: (end) => {
        const ends = [
          self.mailbox.onArrival(() => end("mail")),
          ...(tree.form.inputEndsWait ? [self.thread.onInput(() => end("input"))] : []),
        ];
        if (self.mailbox.has()) end("mail");
        return () => ends.forEach((stop) => stop());
      },
    });
  } finally {
    call.report.emit(
      { type: "collab_waiting_end", ...facts, completed_at_ms: call.now(), statuses: {} },
      { itemId },
    );
  }
  const isTimedOut = outcome === undefined;
  return jsonOutput({
    message: `${waitText(outcome)}${isTimedOut ? note : ""}`,
    timed_out: isTimedOut,
  });
}

/** Machine-read, the same in Codex. */
function waitText(outcome: "mail" | "input" | undefined): string {
  if (outcome === undefined) return "Wait timed out.";
  return outcome === "mail" ? "Wait completed." : "Wait interrupted by new input.";
}

/** How long a call waits, and what is added to the news that nobody wrote. */
function waitingTime(
  { tree: { settings, form } }: AgentToolSettings,
  asked: number | undefined,
): { readonly ms: number; readonly note: string } {
  const { minWaitMs = DEFAULT_MIN_WAIT_MS } = settings;
  const ms = asked ?? Math.max(DEFAULT_WAIT_MS, minWaitMs);
  if (ms > MAX_WAIT_MS) throw new ToolError(`timeout_ms must be at most ${MAX_WAIT_MS}`);
  if (ms >= minWaitMs) return { ms, note: "" };
  if (form.shortWait === "refused") {
    throw new ToolError(`timeout_ms must be at least ${minWaitMs}`);
  }
  return {
    ms: minWaitMs,
    note: `\n\nRequested timeout of ${ms}ms was clamped to the minimum of ${minWaitMs}ms.`,
  };
}
