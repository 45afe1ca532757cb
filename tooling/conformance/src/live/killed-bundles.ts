import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";

const RECORDER = fileURLToPath(new URL("record-until-killed.ts", import.meta.url));
const LONGEST_LIFE_MS = 600;

/** Records bundles in processes that are killed, each at another moment, and gives what they left. */
export async function writeKilledBundles(
  root: string,
  { schemaVersion, count }: { readonly schemaVersion: TraceSchemaVersion; readonly count: number },
): Promise<{ readonly name: string; readonly path: string }[]> {
  const bundles: { name: string; path: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const folder = join(root, `killed-${index}`);
    mkdirSync(folder, { recursive: true });
    await recordAndKill([folder, String(schemaVersion), String(index)]);
    const [name] = readdirSync(folder);
    if (name !== undefined) bundles.push({ name: `killed-${index}`, path: join(folder, name) });
  }
  return bundles;
}

async function recordAndKill(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, RECORDER, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exited]);
  if (child.exitCode !== null) throw new Error("the recording process ended by itself");
  await delay(Math.random() * LONGEST_LIFE_MS);
  child.kill("SIGKILL");
  await exited;
}
