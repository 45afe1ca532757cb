import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

const args = { cmd: "echo $((6 * 7))", login: false };
const call = { name: "exec_command", args, callId: "call_1" };
const server = await scripted.startResponsesServer({
  script: [
    scripted.functionCallExchange(call, { requestId: "req_1" }),
    scripted.messageExchange(["It is ", "42."], { requestId: "req_2" }),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  sandboxMode: "danger-full-access",
});
try {
  for await (const event of thread.runTurn("How much is six times seven?")) {
    if (event.type === "itemCompleted") console.log(event.item);
    if (event.type === "inferenceFinished") console.log(event.inference.upstreamRequestId);
  }
} finally {
  await thread.close();
  await server.close();
}
