// Started by atomic-file.test.ts: replaces a file over and over with documents of different length, until killed.
import { replaceFile } from "../../../src/auth/storage/atomic-file.ts";

const path = process.argv[2] ?? "";
for (let round = 0; ; round += 1) {
  await replaceFile(path, JSON.stringify({ round, filler: "x".repeat((round * 7919) % 50_000) }));
  if (round === 0) process.stdout.write("ready\n");
}
