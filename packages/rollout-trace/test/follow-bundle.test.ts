import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { followBundle, TraceError } from "@codex-ts/rollout-trace";
import type { FollowBundleOptions, TraceUpdate } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { bundle, message, THREAD } from "./reducer/support/bundle-builder.ts";
import type { BundleBuilder } from "./reducer/support/bundle-builder.ts";
import { flushedShard } from "./support/shards.ts";

const inNothing = { thread: null, turn: null };

/** Writes a bundle piece by piece: one step each time the follower waits. */
function steps(list: readonly (() => void)[]): Required<Pick<FollowBundleOptions, "sleep">> {
  const rest = [...list];
  return {
    sleep: async (_, signal) => {
      signal?.throwIfAborted();
      const next = rest.shift();
      if (next === undefined) throw new Error("the follower waits for more than there is");
      next();
    },
  };
}

function session(schema: 1 | 2): BundleBuilder {
  const builder = bundle(schema)
    .request("a", [message("user", "x")])
    .response("a", [message("assistant", "y")])
    .endTurn("completed")
    .event("thread_ended", { thread_id: THREAD, status: "completed" }, inNothing)
    .event("rollout_ended", { status: "completed" }, inNothing);
  return schema === 2 ? builder.event("recording_completed", {}, inNothing) : builder;
}

function start(folder: string, builder: BundleBuilder): string {
  mkdirSync(join(folder, "payloads"));
  for (const [path, text] of Object.entries(builder.payloads))
    writeFileSync(join(folder, path), text);
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(builder.manifest));
  return join(folder, "trace.jsonl");
}

async function collect(
  updates: AsyncIterable<TraceUpdate>,
): Promise<{ seqs: number[][]; last: TraceUpdate | undefined }> {
  const seqs: number[][] = [];
  let last: TraceUpdate | undefined;
  for await (const update of updates) {
    seqs.push(update.events.map((event) => event.seq));
    last = update;
  }
  return { seqs, last };
}

describe("following a bundle", () => {
  test("gives events as they are written, waits for half a line, and ends with the recording", async () => {
    await using folder = await temporaryDirectory();
    const builder = session(2);
    const log = start(folder.path, builder);
    const lines = builder.log.split(/(?<=\n)/);
    const half = (lines[2] ?? "").length >> 1;
    const { sleep } = steps([
      () => writeFileSync(log, ""),
      () =>
        appendFileSync(log, (lines[0] ?? "") + (lines[1] ?? "") + (lines[2] ?? "").slice(0, half)),
      () => {},
      () => appendFileSync(log, (lines[2] ?? "").slice(half)),
      () => appendFileSync(log, lines.slice(3).join("")),
    ]);
    const { seqs, last } = await collect(followBundle(folder.path, { sleep }));
    expect(seqs).toEqual([[], [1, 2], [3], [4, 5, 6, 7, 8, 9]]);
    expect(last?.diagnostics).toEqual([]);
    expect(last?.state()).toStrictEqual(await builder.state());
  });

  test("[trace/V3-11] events are given with records that were flushed just before them", async () => {
    await using folder = await temporaryDirectory();
    const builder = bundle(3)
      .request("a", [message("user", "x")])
      .response("a", [message("assistant", "y")])
      .request("b", [message("user", "x"), message("assistant", "y"), message("user", "z")])
      .event("recording_completed", {}, inNothing);
    const log = start(folder.path, builder);
    const shards = await flushedShard(builder.records.map((record) => [record]));
    const write = (records: number, ...lines: readonly (string | undefined)[]): void => {
      writeFileSync(join(folder.path, "payloads", "000001.zst"), shards[records - 1] ?? "");
      appendFileSync(log, lines.join(""));
    };
    const lines = builder.log.split(/(?<=\n)/);
    const { sleep } = steps([
      () => writeFileSync(log, ""),
      () => write(2, ...lines.slice(0, 4)),
      () => write(3, lines[4]),
      () => write(5, lines[5]),
      () => write(6, lines[6]),
    ]);
    const { seqs, last } = await collect(followBundle(folder.path, { sleep, mode: "strict" }));
    expect(seqs).toEqual([[], [1, 2, 3, 4], [5], [6], [7]]);
    expect(last?.state()).toStrictEqual(await builder.state());
  });

  test("a schema 1 bundle ends some time after its rollout, and late events put that off", async () => {
    await using folder = await temporaryDirectory();
    const builder = session(1);
    const log = start(folder.path, builder);
    writeFileSync(log, builder.log);
    builder.event("rollout_ended", { status: "failed" }, inNothing);
    const late = builder.log.split(/(?<=\n)/).at(-1) ?? "";
    const idle = (): void => {};
    const { sleep } = steps([idle, () => appendFileSync(log, late), idle, idle, idle]);
    const { last } = await collect(
      followBundle(folder.path, { sleep, pollIntervalMs: 100, quietAfterEndMs: 300 }),
    );
    expect(last?.state().status).toBe("failed");
  });

  test("stops with the reason of its signal, also between two looks with the real timer", async () => {
    await using folder = await temporaryDirectory();
    writeFileSync(start(folder.path, bundle()), bundle().log);
    const controller = new AbortController();
    const reason = new Error("enough");
    const updates = followBundle(folder.path, {
      signal: controller.signal,
      pollIntervalMs: 60_000,
    });
    const first = await updates.next();
    expect(first.value?.events).toHaveLength(3);
    const second = updates.next();
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
  });

  test("a long log comes in several updates, one after another", async () => {
    await using folder = await temporaryDirectory();
    const builder = session(2);
    const [first = "", ...rest] = builder.log.split("\n");
    const blankLines = `${" ".repeat(999_999)}\n`.repeat(5);
    writeFileSync(start(folder.path, builder), `${first}\n${blankLines}${rest.join("\n")}`);
    const { seqs, last } = await collect(followBundle(folder.path, steps([])));
    expect(seqs).toEqual([[1], rest.slice(0, -1).map((_, index) => index + 2)]);
    expect(last?.state()).toStrictEqual(await builder.state());
  });

  test.each<[string, (log: string) => void]>([
    ["a directory", (log) => mkdirSync(log)],
    ["a link to itself", (log) => symlinkSync(log, log)],
  ])("[trace/read-limits] %s in the place of the log is not waited for", async (_, make) => {
    await using folder = await temporaryDirectory();
    make(start(folder.path, bundle()));
    await expect(followBundle(folder.path, steps([])).next()).rejects.toMatchObject({
      code: "log_unreadable",
      message: "trace.jsonl is no plain file",
    });
  });

  test("leaving the loop closes the log", async () => {
    await using folder = await temporaryDirectory();
    writeFileSync(start(folder.path, bundle()), bundle().log);
    for await (const update of followBundle(folder.path)) {
      expect(update.events).toHaveLength(3);
      break;
    }
  });

  test("a folder that is not there is refused, strict problems reject, tolerant ones are reported", async () => {
    await using folder = await temporaryDirectory();
    const missing = followBundle(join(folder.path, "nothing")).next();
    await expect(missing).rejects.toSatisfy(
      (error) => TraceError.is(error) && error.code === "bundle_missing",
    );
    const builder = session(2);
    const log = start(folder.path, builder);
    writeFileSync(log, `{broken}\n${builder.log}`);
    await expect(collect(followBundle(folder.path, { mode: "strict" }))).rejects.toThrow("line 1");
    const { last } = await collect(followBundle(folder.path));
    expect(last?.diagnostics.map((each) => each.code)).toEqual(["line_invalid"]);
    expect(last?.state()).toStrictEqual(await builder.state());
  });
});
