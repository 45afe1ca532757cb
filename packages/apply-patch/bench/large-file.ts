import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyPatch } from "@codex-ts/apply-patch";

/**
 * Time to patch one file of 10 MB in three places, one of them found only without white space, beside reading, splitting, joining and
 * writing it. The ways take turns; the median round counts. The last line is one JSON object.
 */
const SIZE_BYTES = 10_000_000;
const ROUNDS = 15;

const directory = await mkdtemp(join(tmpdir(), "bench-patch-"));
const path = join(directory, "large.txt");

/** Lines as source code has them, all different. */
function largeText(ending: string): string {
  const lines: string[] = [];
  for (let bytes = 0; bytes < SIZE_BYTES; bytes += 50)
    lines.push(`  const value${String(lines.length).padStart(8, "0")} = compute(input);${ending}`);
  return lines.join("");
}

function patchOf(text: string): string {
  const lines = text.split(/\r?\n/);
  const chunks = [1000, Math.floor(lines.length / 2), lines.length - 1000].map((at, index) => {
    const line = lines[at] ?? "";
    return `@@\n-${index === 1 ? line.trim() : line}\n+changed\n`;
  });
  return `*** Begin Patch\n*** Update File: large.txt\n${chunks.join("")}*** End Patch`;
}

async function measure(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(ending: string): Promise<{ ratio: number; ownMs: number; bareMs: number }> {
  const text = largeText(ending);
  const patch = patchOf(text);
  const own: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await writeFile(path, text);
    bare.push(
      await measure(async () => {
        const lines = (await readFile(path, "utf8")).split(ending);
        await writeFile(path, lines.join(ending));
      }),
    );
    own.push(await measure(() => applyPatch(patch, { directory })));
  }
  const ratio = median(own.map((ms, index) => ms / (bare[index] ?? Number.NaN)));
  return { ratio, ownMs: median(own), bareMs: median(bare) };
}

try {
  const [lf, crlf] = [await compare("\n"), await compare("\r\n")];
  for (const [name, { ratio, ownMs, bareMs }] of Object.entries({ lf, crlf }))
    process.stdout.write(
      `${name}: ${ownMs.toFixed(0)} ms, bare ${bareMs.toFixed(0)} ms, ${ratio.toFixed(2)} times\n`,
    );
  process.stdout.write(`${JSON.stringify({ lf: lf.ratio, crlf: crlf.ratio })}\n`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
