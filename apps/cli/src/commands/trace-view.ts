import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { openBrowser } from "../open-browser.ts";
import { readPrices } from "../read-prices.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";
import { writePage } from "../write-page.ts";

export interface TraceViewOptions {
  /** Default: {@link PAGE_FILE} in the bundle. */
  readonly output?: string;
  readonly open?: boolean;
  readonly prices?: string;
  readonly full?: boolean;
}

/** Name of the page in a bundle. */
export const PAGE_FILE = "trace.html";

/** `codex-ts trace view`: writes a bundle as one HTML file and prints its path. */
export async function runTraceView(
  bundle: string,
  { output, open, prices, full }: TraceViewOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { cwd, env, stdout, stderr, interrupted } = cliProcess;
  const path = bundlePath(bundle, cliProcess);
  const target = output === undefined ? join(path, PAGE_FILE) : resolve(cwd, output);
  const bytes = await writePage(path, target, {
    prices: readPrices(prices, cwd),
    signal: interrupted,
    maxTextLength: full === true ? Infinity : undefined,
    onDiagnostics: (diagnostics) => writeDiagnostics(diagnostics, stderr),
  });
  stderr.write(
    `${Math.ceil(bytes / 1024)} KiB; it holds everything the bundle holds, so look before you share it\n`,
  );
  stdout.write(`${target}\n`);
  if (open === true) openBrowser(pathToFileURL(target).href, env);
  return 0;
}
