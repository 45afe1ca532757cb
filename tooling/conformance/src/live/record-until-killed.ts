// Records a random run below a folder until it is killed: node record-until-killed.ts FOLDER SCHEMA SEED
import { setTimeout as delay } from "node:timers/promises";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { seededRandom } from "@codex-ts/test-support";

/** The steps of random runs are test code of the package, outside this project's sources. */
interface RandomSessionModule {
  readonly RandomRun: new (trace: ThreadTrace, pick: (count: number) => number) => { step(): void };
}

const MAX_STEPS_AT_ONCE = 20;

const [root = "", schema = "", seed = ""] = process.argv.slice(2);
const file = "../../../../packages/rollout-trace/test/support/random-session.ts";
const module = (await import(new URL(file, import.meta.url).href)) as RandomSessionModule;
const random = seededRandom(Number(seed));
const pick = (count: number): number => Math.floor(random() * count);
const trace = ThreadTrace.startRoot({
  root,
  schemaVersion: Number(schema) as TraceSchemaVersion,
  metadata: {
    threadId: "00000000-0000-7000-8000-000000000001",
    agentPath: "/root",
    sessionSource: "exec",
    cwd: "/workspace",
    model: "model-a",
    providerName: "provider-a",
    approvalPolicy: "never",
    sandboxPolicy: "read-only",
  },
});
const run = new module.RandomRun(trace, pick);
process.stdout.write("recording\n");
for (;;) {
  for (let steps = pick(MAX_STEPS_AT_ONCE); steps > 0; steps -= 1) run.step();
  await delay(pick(3));
}
