import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { SessionRun, SessionScenario } from "./session-scenario.ts";

const FULL = { input_tokens: 3000, output_tokens: 100 };

function said(prompt: string, how: SessionRun["how"] = "resume"): SessionRun {
  return { how, prompt, script: [messageExchange(`To ${prompt}.`)] };
}

function revert(turns: number): SessionRun {
  return { how: "revert", prompt: "", turns, script: [] };
}

/** Sessions of which turns are taken back: each time 0.171 begins a new file in the one before, and 0.140 writes a line. */
export const REVERTED_SESSIONS: readonly SessionScenario[] = [
  {
    name: "reverted",
    runs: [said("one", "new"), said("two"), said("three"), revert(2), said("four"), said("five")],
  },
  {
    name: "reverted-to-the-beginning",
    runs: [said("one", "new"), said("two"), revert(2), said("three"), revert(1), said("four")],
  },
  {
    name: "reverted-twice-in-two-files",
    runs: [
      said("one", "new"),
      said("two"),
      said("three"),
      revert(1),
      said("four"),
      revert(2),
      said("five"),
      { ...said("six"), how: "resume_last" },
    ],
  },
  {
    name: "reverted-behind-a-compaction",
    model: { auto_compact_token_limit: 2000 },
    runs: [
      said("one", "new"),
      {
        how: "resume",
        prompt: "two",
        script: [
          functionCallExchange(
            { name: "exec_command", args: { cmd: "echo one" }, callId: "call_1" },
            { usage: FULL },
          ),
          messageExchange("Summary."),
          messageExchange("To two."),
        ],
      },
      said("three"),
      revert(2),
      said("four"),
      said("five"),
    ],
  },
  {
    name: "reverted-after-a-compaction",
    model: { auto_compact_token_limit: 2000 },
    runs: [
      { how: "new", prompt: "one", script: [messageExchange("To one.", { usage: FULL })] },
      {
        how: "resume",
        prompt: "two",
        script: [messageExchange("Summary."), messageExchange("To two.")],
      },
      said("three"),
      revert(1),
      said("four"),
      said("five"),
    ],
  },
];
