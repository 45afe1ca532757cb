import type { BundleSource } from "@codex-ts/rollout-trace";
import { assistantMessage, runBundle, userMessage } from "./run.ts";
import type { RunRequest } from "./run.ts";

const call = (id: string, cmd: string): object => ({
  type: "function_call",
  name: "exec_command",
  arguments: JSON.stringify({ cmd }),
  call_id: id,
});
const output = (id: string, text: string): object => ({
  type: "function_call_output",
  call_id: id,
  output: text,
});

const INPUT = [
  userMessage("Find the needle."),
  call("call_1", "grep -rn needle ."),
  output("call_1", `${"hay\n".repeat(400)}src/barn.ts:12: the needle is here\n`),
];

/** A run in which something of everything happened. */
const EVENTFUL: readonly RunRequest[] = [
  { input: INPUT.slice(0, 1), output: INPUT.slice(1, 2), usage: { input: 5000, cached: 0 } },
  {
    input: INPUT,
    output: [assistantMessage("It is in the barn.")],
    usage: { input: 6000, cached: 4992 },
  },
  {
    input: [...INPUT, assistantMessage("It is in the barn.")],
    members: { instructions: "Do it well." },
    output: [],
    usage: { input: 6100, cached: 0 },
  },
  {
    input: INPUT.slice(0, 2),
    failure: "stream closed before response.completed",
    upstreamId: "req_bad",
  },
  { input: INPUT, isRunning: true, upstreamId: null },
];

export function eventfulRun(): BundleSource {
  return runBundle(EVENTFUL, { isWhole: false });
}
