import { functionCallExchange, messageExchange } from "@codex-ts/responses-server";
import type { JsonObject } from "@codex-ts/protocol";
import type { LiveScenario } from "../live-scenario.ts";

const CALLS: readonly JsonObject[] = [
  { command: "echo one; exit 3" },
  { command: "seq 1 20000" },
  { command: "printf 'no newline'" },
  { command: "none-such" },
  { command: "echo early; sleep 5", timeout_ms: 300 },
  { command: "sleep 5", timeout: 300 },
  { command: "echo one", workdir: "/nonexistent" },
  { command: "pwd", workdir: "sub" },
  { command: "shopt login_shell", login: false },
  { command: "shopt login_shell" },
  { command: "echo $PAGER $CODEX_CI $TERM" },
  { command: "echo one", login: "yes" },
  { command: "echo one", timeout_ms: 1.5 },
  { command: "echo one", timeout_ms: -1 },
  {},
  { command: "echo one", sandbox_permissions: "require_escalated", justification: "why" },
  {
    command:
      "cd sub && apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch\nEOF",
  },
  { command: "cat" },
];

/** The tool for commands without sessions. 0.171 has none. */
export const SHELL_COMMAND_SCENARIOS: readonly LiveScenario[] = [
  {
    name: "shell-command",
    featuresOff: ["unified_exec"],
    files: { "sub/file.txt": "one\n" },
    script: [
      ...CALLS.map((args, index) =>
        functionCallExchange({ name: "shell_command", args, callId: `call_${index}` }),
      ),
      messageExchange("Done."),
    ],
  },
  {
    name: "shell-command-beside-sessions",
    script: [
      functionCallExchange({
        name: "shell_command",
        args: { command: "echo one" },
        callId: "call_1",
      }),
      messageExchange("Done."),
    ],
  },
];
