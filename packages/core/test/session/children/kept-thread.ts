// A process that runs turns in a thread that is kept until it is killed: `<base URL> <home> <generation> <first turn>
// [thread id]`. It prints the id of its thread, then a line for each event.
import { createThread, resumeThread } from "@codex-ts/core";
import { longThreadOptions, runLongTurn } from "../../support/long-thread.ts";

const [baseUrl = "", codexHome = "", generation, firstTurn, threadId] = process.argv.slice(2);
const options = longThreadOptions(baseUrl, codexHome, generation === "0.140" ? "0.140" : "0.171");
const thread =
  threadId === undefined ? await createThread(options) : await resumeThread(threadId, options);
console.log(thread.threadId);
for (let turn = Number(firstTurn); ; turn += 1) {
  await runLongTurn(thread, turn, { onEvent: (type) => console.log(type) });
}
