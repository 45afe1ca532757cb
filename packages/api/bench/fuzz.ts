import { fuzzDecoder } from "../test/support/fuzz.ts";

/** The fuzz test with other seeds and for longer: `pnpm fuzz [seed] [bytes]`. The last line is one JSON object. */
const seed = Number(process.argv[2] ?? 1);
const totalBytes = Number(process.argv[3] ?? 10_000_000);

const startedAt = performance.now();
const report = await fuzzDecoder(seed, totalBytes);
const seconds = Math.round(performance.now() - startedAt) / 1000;
process.stdout.write(`${JSON.stringify({ fuzz: "decoder", seed, seconds, ...report })}\n`);
