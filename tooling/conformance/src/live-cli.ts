// Runs each command line of src/cli/rows.json with the real Codex and with `codex-ts` as built, and compares exit code, what stands on
// standard output, and the kind of the message on standard error.
//
//   pnpm conformance:cli [--compatibility 0.171|0.140] [--only ROW]... [--codex PATH] [--cache DIR] [--write] [--verbose]
//
// `--write` compares nothing and keeps what the real program gave in that file, for the test of apps/cli that runs without it.
// Exit code 0: no difference but those the file gives a reason for.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import {
  type CliOutcome,
  type CliRow,
  expectedOutcome,
  outcomeOf,
  readCliTable,
  writeCliTable,
} from "./cli/cli-rows.ts";
import { runRow } from "./cli/run-row.ts";
import { differences } from "./compare/differences.ts";
import { report } from "./compare/report.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS, chosenGenerations } from "./programs/generations.ts";
import { ownCodex, realCodex } from "./programs/program.ts";

const { values } = parseArgs({
  options: {
    compatibility: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    codex: { type: "string" },
    cache: { type: "string", default: defaultCacheFolder() },
    write: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});

/** Runs at once. */
const PARALLEL = availableParallelism();

const table = readCliTable();
const chosen = table.rows.filter(
  ({ name }) => values.only.length === 0 || values.only.includes(name),
);
const kept = new Map(table.rows.map((row) => [row.name, row]));
let isEqual = true;
for (const generation of chosenGenerations(values)) {
  isEqual = (await compareAll(generation)) && isEqual;
}
if (values.write) writeCliTable({ ...table, rows: [...kept.values()] });
process.exitCode = isEqual ? 0 : 1;

async function compareAll(compatibility: Compatibility): Promise<boolean> {
  const version = CODEX_VERSIONS[compatibility];
  const real = realCodex(version, values.codex ?? (await fetchCodex(version, values.cache)));
  const built = ownCodex({ from: "build" });
  const own = { ...built, args: [...built.args, "-c", `compatibility="${compatibility}"`] };
  let failed = 0;
  const waiting = [...chosen];
  const next = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const codex = await outcome("codex", real, row, compatibility);
      const before = kept.get(row.name) ?? row;
      kept.set(row.name, { ...before, codex: { ...before.codex, [compatibility]: codex } });
      if (values.write) continue;
      const ours = await outcome("own", own, row, compatibility);
      const found = differences(expectedOutcome(row, codex), ours);
      if (found.length > 0) failed += 1;
      report(row.name, found);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, next));
  const verdict = values.write ? "kept" : `${failed} differ`;
  console.log(`codex ${version} and codex-ts: ${chosen.length} command lines, ${verdict}`);
  return failed === 0;
}

async function outcome(
  program: "codex" | "own",
  started: Parameters<typeof runRow>[0],
  row: CliRow,
  compatibility: Compatibility,
): Promise<CliOutcome> {
  const ended = await runRow(started, row, compatibility);
  const told = outcomeOf(ended, table.messages, program);
  if (values.verbose || (told.exit !== 0 && told.message === null)) {
    console.log(`     ${program}: ${JSON.stringify({ ...told, stderr: ended.stderr })}`);
  }
  return told;
}
