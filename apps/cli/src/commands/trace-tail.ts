import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { EVENT_LOG_FILE, MANIFEST_FILE, followBundle } from "@codex-ts/rollout-trace";
import type { CliProcess } from "../cli-process.ts";
import { CommandError } from "../errors.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";
import { renderEventLine } from "../trace-view/event-line.ts";

/** `codex-ts trace tail`: one line per event as it is written. Ends with the recording, or when it is told to stop. */
export async function runTraceTail(
  bundle: string,
  { cwd, stdout, stderr, interrupted }: CliProcess,
): Promise<number> {
  const path = resolve(cwd, bundle);
  refuseOtherFolders(path);
  let firstWallTimeUnixMs: number | undefined;
  let knownDiagnostics = 0;
  for await (const update of followBundle(path, { signal: interrupted })) {
    for (const event of update.events) {
      firstWallTimeUnixMs ??= event.wall_time_unix_ms;
      stdout.write(`${renderEventLine(event, firstWallTimeUnixMs)}\n`);
    }
    writeDiagnostics(update.diagnostics.slice(knownDiagnostics), stderr);
    knownDiagnostics = update.diagnostics.length;
  }
  return 0;
}

/** Waiting for a recording to start in a folder that is no bundle would never end. */
function refuseOtherFolders(path: string): void {
  if ([MANIFEST_FILE, EVENT_LOG_FILE].some((file) => existsSync(join(path, file)))) return;
  throw new CommandError(
    `${path} is no trace bundle: it has neither manifest.json nor trace.jsonl`,
  );
}
