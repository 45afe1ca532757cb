import { afterEach, describe, expect, test, vi } from "vitest";
import { reduceBundle } from "@codex-ts/rollout-trace/reducer";
import type { BundleSource } from "@codex-ts/rollout-trace/reducer";
import { bundle, message } from "../reducer/support/bundle-builder.ts";

const builder = bundle()
  .request("a", [message("user", "größe")])
  .response("a", [message("assistant", "y")]);
const files = builder.files();

/** What a browser has: files that answer later, a log that comes in pieces. */
function lateSource(chunkBytes: number): BundleSource {
  const bytesOf = async (path: string): Promise<Uint8Array> => {
    await Promise.resolve();
    const file = files[path];
    if (file === undefined) throw new Error("no such file");
    return typeof file === "string" ? new TextEncoder().encode(file) : file;
  };
  return {
    readManifest: () => bytesOf("manifest.json"),
    async events() {
      const log = await bytesOf("trace.jsonl");
      return (async function* chunks() {
        for (let at = 0; at < log.length; at += chunkBytes) yield log.slice(at, at + chunkBytes);
      })();
    },
    readPayload: bytesOf,
  };
}

test("a source may answer later, and cut its log anywhere", async () => {
  const expected = await builder.state();
  for (const chunkBytes of [1, 7, 100, 1_000_000]) {
    const { state } = await reduceBundle(lateSource(chunkBytes), { mode: "strict" });
    expect(state).toStrictEqual(expected);
  }
});

test.each([
  ["bytes", (length: number) => new Uint8Array(length)],
  ["a Node buffer", (length: number) => Buffer.alloc(length)],
])("a source may use one buffer for everything it reads: %s", async (_, allocate) => {
  const shared = allocate(100_000);
  const fill = (path: string): Uint8Array => {
    const { written } = new TextEncoder().encodeInto(String(files[path]), shared.fill(0));
    return shared.subarray(0, written);
  };
  const log = new TextEncoder().encode(String(files["trace.jsonl"]));
  const source: BundleSource = {
    readManifest: () => fill("manifest.json"),
    *events() {
      const chunk = allocate(50);
      for (let at = 0; at < log.length; at += 50) {
        const piece = log.subarray(at, at + 50);
        chunk.set(piece);
        yield chunk.subarray(0, piece.length);
      }
    },
    readPayload: fill,
  };
  expect((await reduceBundle(source, { mode: "strict" })).state).toStrictEqual(
    await builder.state(),
  );
});

test("a source that fails for one payload costs that payload only", async () => {
  const source = lateSource(1000);
  const { diagnostics } = await reduceBundle({
    ...source,
    readPayload: (path) =>
      path.endsWith("1.json") ? Promise.reject(new Error("gone")) : source.readPayload(path),
  });
  expect(diagnostics).toMatchObject([{ code: "payload_missing", payloadId: "raw_payload:1" }]);
});

describe("an abort is heard", () => {
  /** Aborts as soon as a timer is due, and makes it late. */
  function abortSoon(controller: AbortController): void {
    setTimeout(() => controller.abort(new Error("enough")), 0);
    const later = Date.now() + 10_000;
    vi.spyOn(Date, "now").mockReturnValue(later);
  }
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("in a long reduction", async () => {
    const controller = new AbortController();
    const source: BundleSource = {
      ...lateSource(1000),
      events: () => [new TextEncoder().encode(String(files["trace.jsonl"]))],
      readPayload(path) {
        if (path.endsWith("1.json")) abortSoon(controller);
        return new TextEncoder().encode(String(files[path]));
      },
    };
    await expect(reduceBundle(source, { signal: controller.signal })).rejects.toThrow("enough");
  });

  test("while the last payload is read, which fails because of it", async () => {
    const controller = new AbortController();
    const last = Object.keys(files).findLast((path) => path.startsWith("payloads/"));
    const source: BundleSource = {
      ...lateSource(100_000),
      async readPayload(path) {
        if (path === last) controller.abort(new Error("enough"));
        controller.signal.throwIfAborted();
        return lateSource(1000).readPayload(path);
      },
    };
    await expect(reduceBundle(source, { signal: controller.signal })).rejects.toThrow("enough");
  });

  test("in a long log that holds no event", async () => {
    const controller = new AbortController();
    const source: BundleSource = {
      ...lateSource(1000),
      *events() {
        yield new TextEncoder().encode("\n\n");
        abortSoon(controller);
        yield new TextEncoder().encode("\n\n");
      },
    };
    await expect(reduceBundle(source, { signal: controller.signal })).rejects.toThrow("enough");
  });
});
