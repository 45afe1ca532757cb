import { followBundle } from "@codex-ts/rollout-trace";
import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { schemaLine, writeDiagnostics } from "../trace-view/diagnostics.ts";
import { renderEventLine } from "../trace-view/event-line.ts";

/** `codex-ts trace tail`: one line per event as it is written. Ends with the recording, or when it is stopped. */
export async function runTraceTail(bundle: string, cliProcess: CliProcess): Promise<number> {
  const { stdout, stderr, interrupted } = cliProcess;
  const path = bundlePath(bundle, cliProcess);
  let firstWallTimeUnixMs: number | undefined;
  let knownDiagnostics = 0;
  for await (const update of followBundle(path, { signal: interrupted })) {
    const [first] = update.events;
    if (firstWallTimeUnixMs === undefined && first !== undefined)
      stderr.write(schemaLine(first.schema_version));
    const startedAtUnixMs = (firstWallTimeUnixMs ??= first?.wall_time_unix_ms);
    const lines = update.events.map((event) => `${renderEventLine(event, startedAtUnixMs ?? 0)}\n`);
    stdout.write(lines.join(""));
    writeDiagnostics(update.diagnostics.slice(knownDiagnostics), stderr);
    knownDiagnostics = update.diagnostics.length;
  }
  return 0;
}
