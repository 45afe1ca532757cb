import { fileURLToPath } from "node:url";
import type { JsonObject } from "@codex-ts/protocol";
import {
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { Exchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

const SERVER = fileURLToPath(
  new URL("../../../../../packages/core/test/support/mcp/stdio-server.ts", import.meta.url),
);

function call(name: string, callId: string, args: object = {}): Exchange {
  const item = functionCallItem(name, args as never, callId);
  return streamExchange([itemDone({ ...item, namespace: "mcp__demo" })]);
}

/** Whether tools of a server may be called, and what it asks itself. */
export const mcpApprovals: Scene = {
  name: "mcp-approvals",
  config: `include_permissions_instructions = false

[mcp_servers.demo]
required = true
command = ${JSON.stringify(process.execPath)}
args = ["--no-warnings", ${JSON.stringify(SERVER)}, "demo"]
startup_timeout_sec = 30

[mcp_servers.demo.tools.add]
approval_mode = "prompt"`,
  script: [
    call("destroy", "call_1", { what: "all", n: [1, null] }),
    call("contained", "call_2"),
    call("contradict", "call_11"),
    messageExchange("Once."),
    call("write", "call_3"),
    messageExchange("Declined."),
    call("write", "call_4"),
    messageExchange("Cancelled."),
    call("write", "call_5"),
    messageExchange("Refused."),
    call("write", "call_6"),
    call("write", "call_7", { x: 1 }),
    messageExchange("For the session."),
    call("add", "call_8", { b: 1, a: 1 }),
    messageExchange("Each time."),
    call("destroy", "call_9"),
    call("destroy", "call_10"),
    messageExchange("For good."),
    call("ask", "call_12"),
    messageExchange("Asked by the server."),
    call("add", "call_13", { a: 1, b: 1 }),
  ],
  play,
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "on-request", sandbox: "danger-full-access" };
  const started = await client.call("thread/start", "thread/start", settings);
  const threadId = idOf(started["thread"]);
  const isReady = ({ status }: JsonObject): boolean => status === "ready";
  await client.until("mcpServer/startupStatus/updated", { matches: isReady });
  await client.until("thread/started");
  // Servers start beside the thread: the order of what is told of both is chance.
  client.notifications.length = 0;
  const turn = async (label: string, outcome: ReturnType<Client["answer"]>): Promise<void> => {
    client.answer = () => outcome;
    await client.turn(`turn: ${label}`, { threadId, input: text(label) });
  };
  const reply = (action: string, meta: object | null = null): ReturnType<Client["answer"]> => ({
    result: { action, content: null, _meta: meta },
  });
  await turn("accepted", reply("accept"));
  await turn("declined", reply("decline"));
  await turn("cancelled", reply("cancel"));
  await turn("refused", { error: { code: -32_000, message: "no" } });
  await turn("for the session", reply("accept", { persist: "session" }));
  await turn("each time", reply("accept", { persist: "session" }));
  await turn("for good", reply("accept", { persist: "always" }));
  await turn("asked by the server", { result: { action: "accept", content: { name: "Ada" } } });
  client.answer = () => undefined;
  const from = client.notifications.length;
  const input = text("left");
  const left = await client.call("turn: left", "turn/start", { threadId, input });
  await client.until("mcpServer/elicitation/request", { from });
  await client.call("read while asked", "thread/read", { threadId });
  await client.call("interrupt", "turn/interrupt", { threadId, turnId: idOf(left["turn"]) });
  await client.until("serverRequest/resolved", { from });
}
