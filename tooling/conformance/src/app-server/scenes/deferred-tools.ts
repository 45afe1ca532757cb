import { messageExchange } from "@codex-ts/responses-server";
import { idOf } from "../client.ts";
import type { Client } from "../client.ts";
import { initialize, text } from "../scene.ts";
import type { Scene, SceneFacts } from "../scene.ts";

/** Tools of a client that are found by a search, for a model that can search and for one that cannot. */
export const deferredTools: Scene = {
  name: "deferred-tools",
  config: "include_permissions_instructions = false",
  script: [messageExchange("One."), messageExchange("Two.")],
  play,
};

/** The same, with a model that can search. */
export const foundTools: Scene = {
  ...deferredTools,
  name: "found-tools",
  model: { supports_search_tool: true },
};

async function play(client: Client, { cwd }: SceneFacts): Promise<void> {
  await initialize(client);
  const settings = { cwd, approvalPolicy: "never", sandbox: "danger-full-access" };
  const later = tool("later", { namespace: "group", deferLoading: true });
  for (const [label, dynamicTools] of [
    ["deferred", [later]],
    ["both", [tool("now", {}), later]],
  ] as const) {
    const wanted = { ...settings, dynamicTools };
    const started = await client.call(`start: ${label}`, "thread/start", wanted);
    const threadId = idOf(started["thread"]);
    await client.turn(`turn: ${label}`, { threadId, input: text("go") });
  }
}

function tool(name: string, more: object): object {
  const inputSchema = { type: "object", properties: {} };
  return { name, description: `Does something ${name}.`, inputSchema, ...more };
}
