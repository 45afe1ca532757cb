import { buildLedger, serviceTiers } from "@codex-ts/rollout-trace/ledger";
import type { PriceList } from "@codex-ts/rollout-trace/ledger";
import { bundlePath } from "../bundle-path.ts";
import type { CliProcess } from "../cli-process.ts";
import { UsageError } from "../errors.ts";
import { readPrices } from "../read-prices.ts";
import { readOrExplain, reduceOrExplain } from "../reduce-to-file.ts";
import { writeDiagnostics } from "../trace-view/diagnostics.ts";
import { ledgerCsv, renderLedger } from "../trace-view/ledger-tables.ts";
import { readWire, writeWireDiagnostics } from "../trace-view/read-wire.ts";

export interface TraceLedgerOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly prices?: string;
}

/** `codex-ts trace ledger`: the tokens of a bundle, per request, turn and agent; with prices, what they cost. */
export async function runTraceLedger(
  bundle: string,
  options: TraceLedgerOptions,
  cliProcess: CliProcess,
): Promise<number> {
  const { stdout, stderr, interrupted, cwd } = cliProcess;
  if (options.json === true && options.csv === true)
    throw new UsageError("--json and --csv exclude each other");
  const prices = readPrices(options.prices, cwd);
  const path = bundlePath(bundle, cliProcess);
  // Tiers are in the requests, which are not read for anything else.
  const contents = hasTiers(prices)
    ? await readOrExplain(path, { signal: interrupted })
    : undefined;
  const { state, diagnostics } = contents ?? (await reduceOrExplain(path, { signal: interrupted }));
  writeDiagnostics(diagnostics, stderr);
  const serviceTierOf = contents === undefined ? undefined : serviceTiers(contents);
  const wire = await readWire(path, state);
  if (wire !== undefined) writeWireDiagnostics(wire, stderr);
  const ledger = buildLedger(state, { prices, serviceTierOf, wire: wire?.join });
  if (options.json === true) stdout.write(`${JSON.stringify(ledger, undefined, 2)}\n`);
  else if (options.csv === true) stdout.write(ledgerCsv(ledger, state));
  else stdout.write(renderLedger(ledger, state));
  return 0;
}

function hasTiers(prices: PriceList | undefined): boolean {
  return Object.values(prices?.models ?? {}).some(({ tiers }) => tiers !== undefined);
}
