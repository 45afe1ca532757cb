import { resolve } from "node:path";
import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { reduceToFile } from "../reduce-to-file.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";

export interface TraceReduceOptions {
  /** Default: `state.json` in the bundle. */
  readonly output?: string;
  readonly strict?: boolean;
}

/** `codex-ts trace reduce`: writes the reduced state and prints its path. Strict mode writes nothing on a problem. */
export async function runTraceReduce(
  bundle: string,
  { output, strict }: TraceReduceOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { cwd, stdout, stderr, interrupted } = cliProcess;
  const { outputPath, diagnostics } = await reduceToFile(bundlePath(bundle, cliProcess), {
    ...(output !== undefined && { outputPath: resolve(cwd, output) }),
    mode: strict === true ? "strict" : "tolerant",
    signal: interrupted,
  });
  writeDiagnostics(diagnostics, stderr);
  stdout.write(`${outputPath}\n`);
  return 0;
}
