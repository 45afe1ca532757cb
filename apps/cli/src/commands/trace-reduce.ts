import { resolve } from "node:path";
import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { reduceToFile } from "../reduce-to-file.ts";
import { schemaLine, writeDiagnostics } from "../trace-view/diagnostics.ts";

export interface TraceReduceOptions {
  /** Default: `state.json` in the bundle. */
  readonly output?: string;
  readonly strict?: boolean;
  /** Says nothing but the path, as `codex debug trace-reduce` does. */
  readonly quiet?: boolean;
}

/**
 * `codex-ts trace reduce`: writes the reduced state and prints its path, and beside it the schema that was read. Strict
 * mode writes nothing on a problem.
 */
export async function runTraceReduce(
  bundle: string,
  { output, strict, quiet }: TraceReduceOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { cwd, stdout, stderr, interrupted } = cliProcess;
  const { outputPath, schemaVersion, diagnostics } = await reduceToFile(
    bundlePath(bundle, cliProcess),
    {
      ...(output !== undefined && { outputPath: resolve(cwd, output) }),
      mode: strict === true ? "strict" : "tolerant",
      signal: interrupted,
    },
  );
  if (quiet !== true) stderr.write(schemaLine(schemaVersion));
  writeDiagnostics(diagnostics, stderr);
  stdout.write(`${outputPath}\n`);
  return 0;
}
