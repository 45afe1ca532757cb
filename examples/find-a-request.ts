import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";

// Plays a server that fails once, and refuses the second turn.
const message = "the field `input` is wrong";
const server = await startResponsesServer({
  script: [
    errorExchange(500, { requestId: "req_1" }),
    messageExchange("Hello.", { requestId: "req_2" }),
    errorExchange(400, { requestId: "req_3", message }),
  ],
});
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  // Every attempt on the wire, also one that is repeated without a word.
  observeTransport: () => ({
    onAttemptEnded: ({ attemptNumber, status, upstreamRequestId }) =>
      console.log(`attempt ${attemptNumber}: status ${status}, ${upstreamRequestId}`),
  }),
});
for (const input of ["Say hello.", "Say it again."]) {
  for await (const event of thread.runTurn(input)) {
    // Every request of the turn, however it ended.
    if (event.type === "inferenceFinished") {
      const { status, responseId, upstreamRequestId } = event.inference;
      console.log(`request ${status}: response ${responseId}, upstream ${upstreamRequestId}`);
    }
    // The failure that ended the turn.
    if (event.type === "turnFailed") console.log(`turn failed: ${event.error.upstreamRequestId}`);
  }
}
await thread.close();
await server.close();
