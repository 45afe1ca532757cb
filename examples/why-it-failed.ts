import { createThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import { errorExchange, messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { joinWire, readWireLog } from "@codex-ts/rollout-trace/wire";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Plays a server that fails once, and refuses the second turn.
const server = await startResponsesServer({
  script: [
    errorExchange(503, { requestId: "req_1" }),
    messageExchange("Hello.", { requestId: "req_2" }),
    errorExchange(400, { requestId: "req_3", code: "invalid_value", message: "no such tool" }),
  ],
});
const root = await mkdtemp(join(tmpdir(), "traces-"));
const info = createOssProviderWithBaseUrl(server.url);
const thread = await createThread({
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  trace: { root },
});
for (const input of ["Say hello.", "Say it again."]) await thread.runTurn(input).result();
await thread.close();
await server.close();

// Any time later, here or elsewhere.
const bundle = openBundle(thread.bundlePath ?? "");
const { state } = await reduceBundle(bundle);
const { requests } = joinWire(state, await readWireLog(bundle));
for (const { attempts, outcome, diagnosis } of requests) {
  console.log(`${outcome}, ${attempts.length} attempts: ${diagnosis?.code}`);
  console.log(` ${diagnosis?.sentence.replace(/after \S+ s/, "after … s")}`);
  console.log(` ${diagnosis?.ids.x_request_id}`);
}
await rm(root, { recursive: true });
