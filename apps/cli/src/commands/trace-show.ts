import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { readOrExplain } from "../reduce-to-file.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";
import { readWire, writeWireDiagnostics } from "../trace-view/read-wire.ts";
import { renderTrace } from "../trace-view/render-trace.ts";

export interface TraceShowOptions {
  readonly full?: boolean;
}

/** Enough for any message people write; command output and instructions are longer. */
const MAX_LINES_PER_ITEM = 20;

/** `codex-ts trace show`: a bundle for a person, in any state. */
export async function runTraceShow(
  bundle: string,
  options: TraceShowOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { stdout, stderr, interrupted } = cliProcess;
  const path = bundlePath(bundle, cliProcess);
  const contents = await readOrExplain(path, { signal: interrupted });
  writeDiagnostics(contents.diagnostics, stderr);
  const maxLinesPerItem = options.full === true ? Infinity : MAX_LINES_PER_ITEM;
  const wire = await readWire(path, contents.state);
  if (wire !== undefined) writeWireDiagnostics(wire, stderr);
  stdout.write(renderTrace(contents, { maxLinesPerItem }, wire));
  return 0;
}
