import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { brokenReferences, onlyBundle, readEvents } from "../support/recording.ts";

/** Records until a file would grow beyond the limit of the process, as a full disk would stop it. */
const SCRIPT = `
  import { TraceWriter } from "@codex-ts/rollout-trace";
  const writer = TraceWriter.create({
    schemaVersion: 2,
    root: process.argv[1],
    rolloutId: "thread-a",
    rootThreadId: "thread-a",
    onWarning: (warning) => console.log(warning),
  });
  for (let count = 0; count < 400; count += 1) {
    writer.append({ type: "rollout_ended", status: "completed" });
  }
  console.log(writer.state);
`;

test.skipIf(process.platform === "win32")(
  "[trace/C4] a log that can grow no further ends with a whole line",
  async () => {
    await using folder = await temporaryDirectory();
    const result = spawnSync(
      "sh",
      // A log of 400 events is larger than any reading of 16 blocks.
      [
        "-c",
        'trap "" XFSZ; ulimit -f 16; exec "$0" "$@"',
        process.execPath,
        "--conditions=@codex-ts/source",
        "--input-type=module",
        "-e",
        SCRIPT,
        folder.path,
      ],
      { encoding: "utf8", cwd: join(import.meta.dirname, "..", "..") },
    );
    expect(result.stdout).toMatch(/^rollout trace stopped: EFBIG[^\n]+\noff\n$/);
    const bundle = onlyBundle(folder.path);
    expect(readFileSync(join(bundle, "trace.jsonl"), "utf8").endsWith("}\n")).toBe(true);
    const events = readEvents(bundle);
    expect(events.length).toBeGreaterThan(10);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(brokenReferences(bundle)).toEqual([]);
  },
);
