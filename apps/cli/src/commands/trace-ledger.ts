import { resolve } from "node:path";
import type { JsonValue } from "@codex-ts/protocol";
import { PriceListError, buildLedger, readPriceList } from "@codex-ts/rollout-trace/ledger";
import type { PriceList } from "@codex-ts/rollout-trace/ledger";
import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { CommandError, UsageError, fileProblem } from "../errors.ts";
import { readTextFile } from "../read-text-file.ts";
import { reduceOrExplain } from "../reduce-to-file.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";
import { ledgerCsv, renderLedger } from "../trace-view/ledger-tables.ts";

export interface TraceLedgerOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly prices?: string;
}

const MAX_PRICE_LIST_BYTES = 1024 * 1024;

/** `codex-ts trace ledger`: the tokens of a bundle, per request, turn and agent; with prices, what they cost. */
export async function runTraceLedger(
  bundle: string,
  options: TraceLedgerOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { stdout, stderr, interrupted, cwd } = cliProcess;
  if (options.json === true && options.csv === true)
    throw new UsageError("--json and --csv exclude each other");
  const prices =
    options.prices === undefined ? undefined : readPrices(resolve(cwd, options.prices));
  const path = bundlePath(bundle, cliProcess);
  const { state, diagnostics } = await reduceOrExplain(path, { signal: interrupted });
  writeDiagnostics(diagnostics, stderr);
  const ledger = buildLedger(state, { prices });
  if (options.json === true) stdout.write(`${JSON.stringify(ledger, undefined, 2)}\n`);
  else if (options.csv === true) stdout.write(ledgerCsv(ledger, state));
  else stdout.write(renderLedger(ledger, state));
  return 0;
}

function readPrices(path: string): PriceList {
  try {
    return readPriceList(
      JSON.parse(readTextFile(path, { maxBytes: MAX_PRICE_LIST_BYTES })) as JsonValue,
    );
  } catch (error) {
    throw new CommandError(`${path}: ${priceProblem(error)}`, { cause: error });
  }
}

function priceProblem(error: unknown): string {
  if (error instanceof PriceListError) return error.message;
  // What V8 says about a syntax error repeats the file.
  return error instanceof SyntaxError ? "it is no JSON" : fileProblem(error);
}
