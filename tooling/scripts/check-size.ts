// Compares the gzipped size of each package's built JavaScript with its budget.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** KiB of gzipped JavaScript. Raise one only with the reason in the changeset. */
const BUDGETS: Readonly<Record<string, number>> = {
  "packages/protocol": 28,
  "packages/api": 82,
  "packages/model-provider": 52,
  // The reading half is there twice: as modules, and as one file for a process that only reduces.
  "packages/rollout-trace": 204,
  "packages/apply-patch": 16,
  "packages/core": 248,
  "packages/app-server": 44,
  // The page is in it.
  "packages/trace-viewer": 68,
  "packages/responses-server": 32,
  // Everything it uses is in there.
  "apps/cli": 1024,
};

let over = false;
for (const [folder, budgetKib] of Object.entries(BUDGETS)) {
  const dist = join(folder, "dist");
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[cm]?js$/.test(file))
    .toSorted();
  if (files.length === 0) throw new Error(`no JavaScript in ${dist}; run pnpm build first`);
  const source = Buffer.concat(files.map((file) => readFileSync(join(dist, file))));
  const kib = gzipSync(source).length / 1024;
  if (kib > budgetKib) over = true;
  console.log(
    `${kib > budgetKib ? "OVER" : "ok  "} ${folder}: ${kib.toFixed(1)} of ${budgetKib} KiB`,
  );
}
process.exitCode = over ? 1 : 0;
