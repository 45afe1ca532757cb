// Measures whole processes that reduce long sessions against a process that only reads the same payload files.
//
//   pnpm --filter @codex-ts/rollout-trace bench:reduce [--requests 100,400,1000] [--runs 5] [--seed 7] [--wide 0.125] [--full] [--codex PATH]
//
// Needs a build. `--codex`: a real binary of 0.171, whose CPU time is compared with ours on the bundle of 400 requests in schema 3;
// exit code 1 when ours costs more than it may. Measures `codex-ts trace reduce` when the command line is built too. The last line is one JSON object.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureAgainstCodex } from "./against-codex.ts";
import type { AgainstCodex } from "./against-codex.ts";
import { measure } from "./child.ts";
import type { ChildCommand, Measurement } from "./child.ts";
import { generateBundle } from "./generate-bundle.ts";

const ENTRY = fileURLToPath(new URL("../dist/bundle/reduce-file.js", import.meta.url));
const COMMAND_LINE = fileURLToPath(new URL("../../../apps/cli/dist/main.js", import.meta.url));

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "100,400,1000" },
    runs: { type: "string", default: "5" },
    seed: { type: "string", default: "7" },
    wide: { type: "string", default: "0.125" },
    full: { type: "boolean", default: false },
    codex: { type: "string" },
  },
});
if (!existsSync(ENTRY)) throw new Error("nothing to measure: run pnpm build first");

const results: object[] = [];
for (const schema of [1, 2, 3] as const)
  for (const requests of values.requests.split(",").map(Number))
    results.push(measureSession(schema, requests));
const { runs, seed, wide } = values;
print(JSON.stringify({ runs: Number(runs), seed: Number(seed), wide: Number(wide), results }));

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function measureSession(schema: 1 | 2 | 3, requests: number): object {
  const directory = mkdtempSync(join(tmpdir(), "bench-reduce-"));
  try {
    const bundle = join(directory, "bundle");
    const bytes = generateBundle(bundle, {
      requests,
      schema,
      seed: Number(values.seed),
      wide: Number(values.wide),
    });
    const output = join(directory, "state.json");
    print(`schema ${schema}, ${requests} requests, ${(bytes / 1e6).toFixed(1)} MB of payloads`);
    const run = (name: string, command: ChildCommand): Measurement => {
      const measured = measure(command, Number(values.runs), () => rmSync(output, { force: true }));
      printRow(name, measured, bytes, reading?.seconds);
      return measured;
    };
    let reading: Measurement | undefined;
    const name = schema === 3 ? "decompressing every shard" : "readFileSync of every payload";
    reading = run(name, readingChild(bundle));
    const rows: { [name: string]: Measurement } = {
      library: run("reduceBundleFile", reducingChild(bundle, output, {})),
      libraryStrict: run(
        "reduceBundleFile, strict",
        reducingChild(bundle, output, { mode: "strict" }),
      ),
    };
    if (values.full)
      rows["libraryFullParse"] = run(
        "reduceBundleFile, full parse",
        reducingChild(bundle, output, { fullParse: true }),
      );
    if (existsSync(COMMAND_LINE)) {
      const command = [COMMAND_LINE, "trace", "reduce", bundle, "-o", output];
      rows["commandLine"] = run("codex-ts trace reduce", command);
      rows["commandLineStrict"] = run("codex-ts trace reduce --strict", [...command, "--strict"]);
    }
    const againstCodex =
      schema === 3 && requests === 400 ? againstRealCodex(bundle, directory) : undefined;
    return {
      schema,
      requests,
      bytes,
      reading,
      ...withRatios(rows, reading.seconds),
      ...(againstCodex && { againstCodex }),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function againstRealCodex(bundle: string, directory: string): AgainstCodex | undefined {
  const { codex } = values;
  if (codex === undefined) return undefined;
  const commandLine = COMMAND_LINE;
  const runs = Number(values.runs);
  const compared = measureAgainstCodex({ bundle, codex, commandLine, runs, directory });
  const { ownMs, codexMs, ratio, isWithin } = compared;
  print(
    `  CPU of codex-ts ${ownMs} ms, of real Codex ${codexMs} ms, ratio ${ratio} (at most 0.15)`,
  );
  if (!isWithin) process.exitCode = 1;
  return compared;
}

function withRatios(rows: { [name: string]: Measurement }, readingSeconds: number): object {
  return Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [
      name,
      { ...row, ratioToReading: Number((row.seconds / readingSeconds).toFixed(3)) },
    ]),
  );
}

/** Loads nothing but what reading takes. */
function readingChild(bundle: string): ChildCommand {
  const code = `
    import { readdirSync, readFileSync } from "node:fs";
    import { zstdDecompressSync } from "node:zlib";
    const directory = ${JSON.stringify(join(bundle, "payloads"))};
    let bytes = 0;
    for (const file of readdirSync(directory)) {
      const content = readFileSync(directory + "/" + file);
      bytes += (file.endsWith(".zst") ? zstdDecompressSync(content) : content).length;
    }
    if (bytes === 0) throw new Error("read nothing");
  `;
  return ["--input-type=module", "--eval", code];
}

function reducingChild(bundle: string, outputPath: string, options: object): ChildCommand {
  const code = `
    import { reduceBundleFile } from ${JSON.stringify(ENTRY)};
    const { diagnostics } = await reduceBundleFile(${JSON.stringify(bundle)}, ${JSON.stringify({ outputPath, ...options })});
    if (diagnostics.length > 0) throw new Error(diagnostics[0].message);
  `;
  return ["--input-type=module", "--eval", code];
}

function printRow(
  name: string,
  { seconds, peakMegabytes }: Measurement,
  bytes: number,
  readingSeconds: number | undefined,
): void {
  const ratio =
    readingSeconds === undefined ? "" : `${(seconds / readingSeconds).toFixed(2)} x reading`;
  const speed = `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
  const columns = [
    name.padEnd(32),
    `${seconds.toFixed(3)} s`.padStart(9),
    speed.padStart(10),
    `${peakMegabytes.toFixed(0)} MB peak`.padStart(12),
    ratio,
  ];
  print(`  ${columns.join("  ")}`.trimEnd());
}
