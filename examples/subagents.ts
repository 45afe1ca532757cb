import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

// Plays both models. A request of an agent names it in a header.
const call = (name: string, args: { readonly [name: string]: string }, id: string) =>
  scripted.itemDone({
    type: "function_call",
    id: `fc_${id}`,
    call_id: id,
    name,
    namespace: "collaboration",
    arguments: JSON.stringify(args),
  });
const task = { task_name: "tests", message: "Run the tests.", fork_turns: "none" };
const server = await scripted.startResponsesServer({
  script: [
    {
      ...scripted.messageExchange("All 12 tests pass."),
      when: (request) => request.header("x-openai-subagent") !== undefined,
    },
    scripted.streamExchange([call("spawn_agent", task, "call_1")]),
    scripted.streamExchange([call("wait_agent", {}, "call_2")]),
    scripted.messageExchange("The tests pass."),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  // The model gets the tools for agents. At most two of them have a task at once.
  subagents: { maxAgents: 2 },
});
for await (const event of thread.runTurn("Do the tests pass?")) {
  if (event.type === "turnCompleted") console.log(`root: ${event.lastAgentMessage}`);
  if (event.type !== "agentEvent") continue;
  // An event of an agent says whose it is; inside is an event like any other.
  const { agent, event: inner } = event;
  if (inner.type === "turnStarted") console.log(`${agent.path}: begins, depth ${agent.depth}`);
  if (inner.type === "turnCompleted") console.log(`${agent.path}: ${inner.lastAgentMessage}`);
}
await thread.close();
await server.close();
