// Keeps the part of the app server's schema that the suite validates our messages with: has the real Codex 0.171 and
// 0.140 generate theirs, and writes what our methods and notifications need into packages/app-server/test/schema.
//
//   pnpm conformance:app-server-schema [--cache DIR]
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import type { Compatibility } from "@codex-ts/protocol";
import { reduceSchema } from "./app-server/reduce-schema.ts";
import { METHODS } from "./app-server/methods.ts";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { CODEX_VERSIONS } from "./programs/generations.ts";

const run = promisify(execFile);
const { values } = parseArgs({
  options: { cache: { type: "string", default: defaultCacheFolder() } },
});

for (const compatibility of ["0.171", "0.140"] satisfies Compatibility[]) {
  const binary = await fetchCodex(CODEX_VERSIONS[compatibility], values.cache);
  const work = await mkdtemp(join(tmpdir(), "codex-ts-schema-"));
  try {
    const env = { PATH: process.env["PATH"], HOME: work, CODEX_HOME: work };
    const args = ["app-server", "generate-json-schema", "--experimental", "--out", work];
    await run(binary, args, { env });
    const target = new URL(
      `../../../packages/app-server/test/schema/${compatibility}.json`,
      import.meta.url,
    );
    await writeFile(target, `${JSON.stringify(reduceSchema(work, METHODS), null, 1)}\n`);
    console.log(target.pathname);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
