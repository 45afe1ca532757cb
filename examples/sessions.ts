import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createThread, forkThread, listSessions, resumeThread } from "@codex-ts/core";
import type { CodexThread } from "@codex-ts/core";
import { createModelProvider, createOssProviderWithBaseUrl } from "@codex-ts/model-provider";
import * as scripted from "@codex-ts/responses-server";

// Plays the model.
const server = await scripted.startResponsesServer({
  script: ["Noted.", "You said: 42.", "I would say 43."].map((text) =>
    scripted.messageExchange(text),
  ),
});
const info = createOssProviderWithBaseUrl(server.url);
const codexHome = mkdtempSync(join(tmpdir(), "codex-home-")); // `~/.codex` to share sessions with Codex
const options = {
  provider: createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" }),
  model: "any-model",
  cwd: process.cwd(),
  installationId: "11111111-1111-4111-8111-111111111111",
  codexHome,
};
const thread = await createThread(options);
await say(thread, "Remember 42.");
await thread.close();

// Later, in another process: the session of this directory that was used last.
const [last] = await listSessions({ codexHome, cwd: options.cwd, limit: 1 });
const { threadId = "" } = last ?? {};
console.log(`a session that begins with: ${last?.firstMessage}`);
const resumed = await resumeThread(threadId, options);
await say(resumed, "What did I say?");
await resumed.close();

// Another thread with the same history; the first one stays as it is.
const forked = await forkThread(threadId, options);
await say(forked, "And if you had to change it?");
await forked.close();
console.log(`another session: ${forked.threadId !== threadId}`);
await server.close();
rmSync(codexHome, { recursive: true });

async function say(to: CodexThread, text: string): Promise<void> {
  const end = await to.runTurn(text).result();
  console.log(end.type === "turnCompleted" ? end.lastAgentMessage : end.type);
}
