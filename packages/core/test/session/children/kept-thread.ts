// A process that runs turns in a thread that is kept until it is killed: `<base URL> <home> <generation> [thread id]`. It
// prints the id of its thread, then a line for each event.
import { createThread, resumeThread } from "@codex-ts/core";
import type { KeptThreadOptions } from "@codex-ts/core";
import { INSTALLATION_ID, testModel, testProvider } from "../../support/harness.ts";

const [baseUrl = "", codexHome = "", generation, threadId] = process.argv.slice(2);
const options: KeptThreadOptions = {
  provider: testProvider(baseUrl),
  model: testModel(),
  cwd: codexHome,
  codexHome,
  installationId: INSTALLATION_ID,
  sandboxMode: "danger-full-access",
  compatibility: generation === "0.140" ? "0.140" : "0.171",
  trace: { root: `${codexHome}/traces` },
};
const thread =
  threadId === undefined ? await createThread(options) : await resumeThread(threadId, options);
console.log(thread.threadId);
for (let turn = 1; ; turn += 1) {
  for await (const { type } of thread.runTurn(`turn ${turn}`)) console.log(type);
}
