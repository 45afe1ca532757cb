import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThread, listSessions, resumeThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

const server = await scripted.startResponsesServer({
  script: [scripted.messageExchange("Noted."), scripted.messageExchange("You said: 42.")],
});
const codexHome = await mkdtemp(join(tmpdir(), "codex-home-"));
const info = createOssProviderWithBaseUrl(server.url);
const options = {
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  codexHome,
};
try {
  const thread = await createThread(options);
  for await (const event of thread.runTurn("Remember 42.")) void event;
  await thread.close();

  // Later, in another process.
  const [last] = await listSessions({ codexHome, cwd: options.cwd, limit: 1 });
  console.log(last?.firstMessage);
  const resumed = await resumeThread(last?.threadId ?? "", options);
  for await (const event of resumed.runTurn("What did I say?")) {
    if (event.type === "turnCompleted") console.log(event.lastAgentMessage);
  }
  await resumed.close();
} finally {
  await rm(codexHome, { recursive: true });
  await server.close();
}
