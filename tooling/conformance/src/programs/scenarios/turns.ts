import { ABSENT } from "../../compare/differences.ts";
import {
  completed,
  created,
  functionCall,
  functionCallExchange,
  messageExchange,
  streamExchange,
  streamedMessage,
  streamedReasoning,
} from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";
import { late } from "./late.ts";

/** Messages of the model, and directories the program works in. */
export const TURN_SCENARIOS: readonly LiveScenario[] = [
  {
    name: "plain-message",
    runsUntraced: true,
    script: [messageExchange(["Hello ", "there."], { requestId: "req_1" })],
  },
  {
    name: "exec-command",
    runsUntraced: true,
    script: [
      streamExchange(
        [
          streamedReasoning({ summary: ["Run it."], encryptedContent: "enc-1" }),
          functionCall("exec_command", { cmd: "echo one && echo two" }, "call_1"),
        ],
        { requestId: "req_1" },
      ),
      messageExchange("It printed two lines.", { requestId: "req_2" }),
    ],
  },
  {
    name: "continued-turn",
    script: [
      {
        events: [
          created("resp_1"),
          ...streamedMessage("Not yet."),
          completed({ responseId: "resp_1", endTurn: false }),
        ],
      },
      messageExchange("Now."),
    ],
  },
  { name: "empty-answer", script: [streamExchange([])] },
  {
    name: "reasoning-only",
    script: [
      streamExchange([
        streamedReasoning({ summary: ["Hm."], content: ["raw"], encryptedContent: "enc-1" }),
      ]),
    ],
  },
  {
    name: "odd-characters",
    prompt: '  späte ✓ \u0007 <tag> & "quoted"  ',
    script: [messageExchange("ünï ✓ \u0000 \u2028")],
  },
  {
    name: "permissions-and-agents-file",
    prompt: "read the rules",
    config: 'developer_instructions = "Note of the developer."',
    files: { "AGENTS.md": "Rules of this directory.\n" },
    script: [messageExchange("Read.")],
  },
  {
    name: "git-work-tree",
    hasSlowGit: true,
    decided: [
      {
        field: "requests.0.blob.workspaces",
        ours: ABSENT,
        source: "decided: enrichment does not block the first request; 0.140 waits for git",
      },
    ],
    script: [
      functionCallExchange({ name: "exec_command", args: { cmd: "sleep 2" }, callId: "call_1" }),
      late(messageExchange("Slept.")),
    ],
    files: { "notes.txt": "one\n" },
    git: [
      ["init", "-q", "-b", "main"],
      ["remote", "add", "origin", "https://someone:hidden@example.test/team/project.git"],
      ["add", "."],
      ["-c", "user.name=n", "-c", "user.email=e@example.test", "commit", "-q", "-m", "first"],
    ],
  },
];
