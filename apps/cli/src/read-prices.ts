import { resolve } from "node:path";
import type { JsonValue } from "@codex-ts/protocol";
import { PriceListError, readPriceList } from "@codex-ts/rollout-trace/ledger";
import type { PriceList } from "@codex-ts/rollout-trace/ledger";
import { CommandError, fileProblem } from "./errors.ts";
import { readTextFile } from "./read-text-file.ts";

const MAX_PRICE_LIST_BYTES = 1024 * 1024;

/** The price list an option names, relative to `cwd`; `undefined` without the option. */
export function readPrices(file: string | undefined, cwd: string): PriceList | undefined {
  if (file === undefined) return undefined;
  const path = resolve(cwd, file);
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
