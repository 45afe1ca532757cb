import { zstdCompressSync } from "node:zlib";
import { memoryBundle, reduceBundle, TraceReadError } from "@codex-ts/rollout-trace";
import type { BundleFiles, BundleSource, ReducedBundle } from "@codex-ts/rollout-trace";
import { seededRandom } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { bundle, message } from "../../reducer/support/bundle-builder.ts";
import type { BundleBuilder } from "../../reducer/support/bundle-builder.ts";
import { nodeZstdDecoder } from "../../../src/reader/shards/node-zstd.ts";
import { ShardRecords } from "../../../src/reader/shards/shard-records.ts";
import type { RecordLimits } from "../../../src/reader/shards/shard-records.ts";
import { flushedShard, recordBytes, shardBytes } from "../../support/shards.ts";

const SHARD = "payloads/000001.zst";
const IN_NOTHING = { thread: null, turn: null };

const session = (): BundleBuilder =>
  bundle(3)
    .request("a", [message("user", "größe")])
    .response("a", [message("assistant", "y".repeat(5000))])
    .endTurn("completed");
const closed = session().event("recording_completed", {}, IN_NOTHING);
const open = session();

function withShard(builder: BundleBuilder, shard: Uint8Array): BundleFiles {
  return { ...builder.files(), [SHARD]: shard };
}

async function verdict(files: BundleFiles): Promise<string> {
  return reduceBundle(memoryBundle(files), { mode: "strict" }).then(
    ({ state }) => `reduces, ${state.recording_status}`,
    (error: unknown) => {
      if (!(error instanceof TraceReadError)) throw error;
      return error.code;
    },
  );
}

const plain = Buffer.concat(closed.records.map(([id, body]) => recordBytes(id, body)));

test.each<[string, Uint8Array, string, string]>([
  ["whole", closed.shard, "reduces, complete", "reduces, unclosed"],
  [
    "in two frames that cut a record",
    Buffer.concat([zstdCompressSync(plain.subarray(0, 33)), zstdCompressSync(plain.subarray(33))]),
    "reduces, complete",
    "reduces, unclosed",
  ],
  [
    "in reverse order",
    shardBytes(closed.records.toReversed()),
    "reduces, complete",
    "reduces, unclosed",
  ],
  [
    "with a record nobody names",
    shardBytes([["other", "{"], ...closed.records]),
    "reduces, complete",
    "reduces, unclosed",
  ],
  [
    "with a frame that is not ended",
    closed.shard.subarray(0, -3),
    "payload_missing",
    "payload_missing",
  ],
  [
    "with a record twice",
    shardBytes([...closed.records, ...closed.records.slice(0, 1)]),
    "shard_invalid",
    "shard_invalid",
  ],
  [
    "with half a record at its end",
    zstdCompressSync(Buffer.concat([plain, recordBytes("x", "abc").subarray(0, 12)])),
    "shard_invalid",
    "shard_invalid",
  ],
  [
    "with more behind it",
    Buffer.concat([closed.shard, Buffer.from("more")]),
    "shard_invalid",
    "shard_invalid",
  ],
  ["that is text", Buffer.from("text"), "payload_missing", "payload_missing"],
  ["that is empty", new Uint8Array(0), "payload_missing", "payload_missing"],
  ["without the records", shardBytes([["x", "1"]]), "payload_missing", "payload_missing"],
])("[trace/V3-2] a shard %s", async (_, shard, ofClosed, ofOpen) => {
  expect(await verdict(withShard(closed, shard))).toBe(ofClosed);
  expect(await verdict(withShard(open, shard))).toBe(ofOpen);
  for (const builder of [closed, open]) {
    const { diagnostics } = await reduceBundle(memoryBundle(withShard(builder, shard)));
    const isSound = (await verdict(withShard(builder, shard))).startsWith("reduces");
    expect(diagnostics.length > 0).toBe(!isSound);
  }
});

test("[trace/V3-2] a flushed frame that a killed recorder never ended is read as far as it goes", async () => {
  const groups = open.records.map((record) => [record]);
  const states = await flushedShard(groups);
  const torn = states.at(-2) ?? new Uint8Array(0);
  expect(await verdict(withShard(open, torn))).toBe("reduces, unclosed");
  expect((await reduceBundle(memoryBundle(withShard(open, torn)))).diagnostics).toEqual([]);
  expect(await verdict(withShard(closed, torn))).toBe("shard_invalid");
});

test("[trace/V3-2] only the last shard of a killed recorder may be torn", async () => {
  const [torn = new Uint8Array(0)] = await flushedShard([open.records]);
  const text = JSON.stringify({ type: "warning", message: "x" });
  const builder = session();
  builder.event("protocol_event_observed", {
    event_type: "warning",
    event_payload: { raw_payload_id: "raw_payload:77", kind: { type: "protocol_event" }, shard: 2 },
  });
  const second = shardBytes([["raw_payload:77", text]]);
  const files = { ...withShard(builder, torn), "payloads/000002.zst": second };
  expect(await verdict(files)).toBe("shard_invalid");
  expect(await verdict({ ...files, [SHARD]: builder.shard })).toBe("reduces, unclosed");
  const [tornSecond = new Uint8Array(0)] = await flushedShard([[["raw_payload:77", text]]]);
  const last = { ...files, [SHARD]: builder.shard, "payloads/000002.zst": tornSecond };
  expect(await verdict(last)).toBe("reduces, unclosed");
});

test("[trace/V3-2] a window larger than Codex's decoder takes is refused", async () => {
  const block = Buffer.alloc(3);
  block.writeUIntLE(1 | (plain.length << 3), 0, 3);
  const frame = (windowLog: number): Buffer =>
    Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]), block, plain]);
  expect(await verdict(withShard(closed, frame(23)))).toBe("reduces, complete");
  expect(await verdict(withShard(closed, frame(24)))).toBe("payload_missing");
});

test("[trace/V3-1] shards may come in pieces of any size, in one buffer, whole, or later", async () => {
  const expected = await closed.state();
  const files = closed.files();
  const shard = files[SHARD] as Uint8Array;
  const random = seededRandom(5);
  const source = { ...memoryBundle(files), readShard: undefined };
  const buffer = new Uint8Array(shard.length);
  const inPieces = (size: () => number): BundleSource => ({
    ...source,
    readShard(path, offset) {
      expect(path).toBe(SHARD);
      const piece = shard.subarray(offset, offset + size());
      buffer.fill(0).set(piece);
      return random() < 0.5 ? buffer.subarray(0, piece.length) : Promise.resolve(piece);
    },
  });
  for (const each of [source, inPieces(() => 1), inPieces(() => 1 + Math.floor(random() * 90))])
    expect((await reduceBundle(each, { mode: "strict" })).state).toStrictEqual(expected);
});

test("[trace/V3-3] records far from each other are found, whatever is kept of those in between", async () => {
  const filler = "x".repeat(3 * 1024 * 1024);
  const builder = bundle(3);
  const early = builder.payload("model_item", message("user", "early"));
  for (let index = 0; index < 8; index += 1) builder.payload("protocol_event", filler);
  builder.request("a", builder.assembled("inference_request", ['{"input":[', "]}"], [early]));
  builder.event("protocol_event_observed", { event_type: "x", event_payload: { ...early } });
  const state = await builder.state();
  expect(state.conversation_items["conversation_item:1"]?.body.parts).toEqual([
    { type: "text", text: "early" },
  ]);
}, 60_000);

/** Zeros in blocks that repeat one byte: four bytes stand for 128 KiB. */
function zeros(blocks: number): Buffer {
  const block = (isLast: boolean): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUIntLE((isLast ? 1 : 0) | (1 << 1) | ((128 * 1024) << 3), 0, 3);
    return head;
  };
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (20 - 10) << 3]);
  return Buffer.concat([
    head,
    ...Array.from({ length: blocks }, (_, index) => block(index === blocks - 1)),
  ]);
}

test("[trace/V3-4] a shard that inflates without end costs no memory, and is read all the same", async () => {
  const blocks = 2000;
  const length = blocks * 128 * 1024;
  const bomb = Buffer.concat([
    zstdCompressSync(Buffer.concat([plain, recordBytes("bomb", "").subarray(0, 2)])),
    zstdCompressSync(lengthBytes(length)),
    zstdCompressSync("bomb"),
    zeros(blocks),
  ]);
  const before = process.memoryUsage().arrayBuffers;
  const { state, diagnostics }: ReducedBundle = await reduceBundle(
    memoryBundle(withShard(closed, bomb)),
  );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  expect(diagnostics).toEqual([]);
  expect(Object.keys(state.inference_calls)).toEqual(["a"]);
}, 60_000);

function lengthBytes(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(length));
  return bytes;
}

test("[trace/V3-4] an event gets bodies up to a limit, whether they are read for it or were read before", async () => {
  const body = "x".repeat(400);
  const first = shardBytes([
    ["a", body],
    ["b", body],
    ["c", body],
  ]);
  const files = { [SHARD]: first, "payloads/000002.zst": shardBytes([["d", body]]) };
  const records = new ShardRecords(memoryBundle(files), nodeZstdDecoder, { lentBytes: 1000 });
  const lengthOf = async (shard: number, id: string): Promise<number | undefined> => {
    const reading = await records.read({ shard, id });
    return "body" in reading ? reading.body.length : undefined;
  };
  expect([await lengthOf(1, "b"), await lengthOf(1, "a")]).toEqual([400, 400]);
  // One is behind these two, one is in another shard; what is refused once stays so until the next event.
  expect(await records.read({ shard: 1, id: "c" })).toEqual({ isTooMuch: true });
  expect(await records.read({ shard: 2, id: "d" })).toEqual({ isTooMuch: true });
  records.release();
  expect([await lengthOf(1, "c"), await lengthOf(2, "d")]).toEqual([400, 400]);
  await records.finish(true);
  expect(records.takeProblems()).toEqual([]);
  records.close();
});

/** A bundle of shards with the same records, and how often each is begun. */
function countedShards(
  count: number,
  ofEach: readonly (readonly [id: string, body: string])[],
): { readonly source: BundleSource; readonly begun: () => number } {
  const shard = shardBytes(ofEach);
  const paths = Array.from({ length: count }, (_, index) => `payloads/00000${index + 1}.zst`);
  const files = Object.fromEntries(paths.map((path) => [path, shard]));
  let begun = 0;
  const readShard: BundleSource["readShard"] = (_path, offset) => {
    begun += offset === 0 ? 1 : 0;
    return shard.subarray(offset);
  };
  return { source: { ...memoryBundle(files), readShard }, begun: () => begun };
}

test("[trace/V3-4] records that are asked for in any order do not inflate shards again and again", async () => {
  const ids = Array.from({ length: 10 }, (_, index) => `id ${index}`);
  const { source, begun } = countedShards(
    5,
    ids.map((id) => [id, `body of ${id}`]),
  );
  const records = new ShardRecords(source, nodeZstdDecoder);
  for (let round = 0; round < 20; round += 1) {
    const id = `id ${(round * 7) % ids.length}`;
    for (let shard = 1; shard <= 5; shard += 1) {
      const reading = await records.read({ shard, id });
      expect("body" in reading && new TextDecoder().decode(reading.body)).toBe(`body of ${id}`);
      records.release();
    }
  }
  // Once each, and once more for the first one, which was handed out and not kept.
  expect(begun()).toBe(10);
  await records.finish(true);
  expect(records.takeProblems()).toEqual([]);
  records.close();
});

test("[trace/V3-4] what is inflated in vain has a limit, behind which records are refused", async () => {
  const filler = "x".repeat(4 * 1024 * 1024);
  const { source, begun } = countedShards(3, [
    ["filler", filler],
    ["a", "1"],
  ]);
  const read = async (limits: RecordLimits): Promise<string[]> => {
    const records = new ShardRecords(source, nodeZstdDecoder, limits);
    const readings: string[] = [];
    for (let round = 0; round < 30; round += 1) {
      readings.push(Object.keys(await records.read({ shard: (round % 3) + 1, id: "a" })).join());
      records.release();
    }
    records.close();
    return readings;
  };
  // Of each shard 8 MiB are no waste.
  const refused = await read({ keptBytes: 0, wastedBytes: 0 });
  expect(refused).toEqual(Array.from(refused, (_, index) => (index < 6 ? "body" : "isTooFar")));
  expect(begun()).toBe(6);
  // What is kept needs nothing inflated, and is there behind the limit, too.
  expect(new Set(await read({ wastedBytes: 0 }))).toEqual(new Set(["body"]));
});

test("[trace/V3-4] reading can be stopped between two records of one event", async () => {
  const builder = session();
  const parts = Array.from({ length: 50 }, (_, index) => ({
    ...builder.payload("model_item", index),
    shard: index + 2,
  }));
  const event_payload = builder.assembled(
    "protocol_event",
    [...parts.map((_part, index) => (index === 0 ? "[" : ",")), "]"],
    parts,
  );
  builder.event("protocol_event_observed", { event_type: "x", event_payload });
  const caller = new AbortController();
  const shards: string[] = [];
  const source: BundleSource = {
    ...memoryBundle(builder.files()),
    readShard: (path, offset) => {
      if (offset === 0) shards.push(path);
      if (path === "payloads/000003.zst") caller.abort();
      return builder.shard.subarray(offset);
    },
  };
  await expect(reduceBundle(source, { signal: caller.signal })).rejects.toThrow("aborted");
  expect(shards).toEqual([SHARD, "payloads/000002.zst", "payloads/000003.zst"]);
});

test("without a decoder the portable entry says what it needs", async () => {
  const portable = await import("@codex-ts/rollout-trace/reducer");
  const { diagnostics } = await portable.reduceBundle(memoryBundle(closed.files()));
  expect(
    diagnostics.some(
      ({ code, message: text }) => code === "shard_invalid" && text.includes("decoder"),
    ),
  ).toBe(true);
});
