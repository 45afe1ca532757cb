import {
  completed,
  created,
  customToolCall,
  functionCallExchange,
  messageExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** The decisions there are about commands as well as about patches. */
const DECISIONS = ["accept", "decline", "acceptForSession", "cancel"] as const;

/** Commands and patches that the client is asked about. */
export const approvals: Scene = {
  name: "approvals",
  config: "include_permissions_instructions = false",
  script: [
    command("call_1", "touch one"),
    messageExchange("Allowed."),
    command("call_2", "touch two"),
    messageExchange("Not allowed."),
    command("call_3", "touch three"),
    command("call_4", "touch three"),
    messageExchange("Allowed twice."),
    command("call_5", "touch five"),
    patch("call_6", "one.txt"),
    messageExchange("Patched."),
    patch("call_7", "two.txt"),
    messageExchange("Not patched."),
    patch("call_8", "three.txt"),
    messageExchange("Patched for the session."),
    patch("call_9", "four.txt"),
  ],
  play,
};

function command(callId: string, cmd: string): Exchange {
  return functionCallExchange({ name: "exec_command", args: { cmd, login: false }, callId });
}

function patch(callId: string, path: string): Exchange {
  const input = `*** Begin Patch\n*** Add File: ${path}\n+text\n*** End Patch\n`;
  return {
    events: [
      created(`resp_${callId}`),
      customToolCall("apply_patch", input, callId),
      completed({ responseId: `resp_${callId}` }),
    ],
  };
}

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "untrusted", sandbox: "danger-full-access" };
  for (const what of ["command", "patch"]) {
    const started = await client.call(`start: ${what}`, "thread/start", settings);
    const threadId = idOf(started["thread"]);
    for (const decision of DECISIONS) {
      client.answer = () => ({ result: { decision } });
      await client.turn(`${what}: ${decision}`, { threadId, input: text(decision) });
    }
  }
}
