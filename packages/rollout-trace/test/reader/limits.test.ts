import { reduceBundle, type BundleSource } from "@codex-ts/rollout-trace";
import { describe, expect, test } from "vitest";
import { bundle, message } from "../reducer/support/bundle-builder.ts";

const MIB = 1024 * 1024;
/** Little work, but a lot of memory, for which a busy machine takes its time. */
const TIMEOUT_MS = 60_000;

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The files of a small run, with others in place of some. */
function source(
  change: {
    readonly manifest?: string;
    readonly log?: (log: Uint8Array) => Iterable<Uint8Array>;
  } = {},
): BundleSource {
  const files = bundle()
    .request("a", [message("user", "x")])
    .response("a", [message("assistant", "y")])
    .files();
  const bytes = (path: string): Uint8Array => {
    const content = files[path] ?? "";
    return typeof content === "string" ? encode(content) : content;
  };
  return {
    readManifest: () =>
      change.manifest === undefined ? bytes("manifest.json") : encode(change.manifest),
    events: () => change.log?.(bytes("trace.jsonl")) ?? [bytes("trace.jsonl")],
    readPayload: bytes,
  };
}

function* endless(start: Uint8Array, chunk: Uint8Array): Generator<Uint8Array> {
  yield start;
  for (;;) yield chunk;
}

describe("limits of a bundle", { timeout: TIMEOUT_MS }, () => {
  test("[trace/read-limits] a line without an end is left, with all behind it", async () => {
    const chunk = new Uint8Array(MIB);
    const { state, diagnostics } = await reduceBundle(
      source({ log: (log) => endless(log, chunk) }),
    );
    expect(Object.keys(state.inference_calls)).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      {
        code: "log_unreadable",
        message: "the line is longer than 64 MiB: nothing behind it is read",
      },
    ]);
    await expect(
      reduceBundle(source({ log: (log) => endless(log, chunk) }), { mode: "strict" }),
    ).rejects.toMatchObject({ code: "log_unreadable" });
  });

  test("[trace/read-limits] what never was an event log is refused", async () => {
    const zeros = source({ log: () => endless(new Uint8Array(0), new Uint8Array(MIB)) });
    await expect(reduceBundle(zeros)).rejects.toMatchObject({
      code: "log_unreadable",
      message: "trace.jsonl line 1: the line is longer than 64 MiB: this is no event log",
    });
    const words = source({ log: () => endless(new Uint8Array(0), encode("no\n".repeat(1000))) });
    await expect(reduceBundle(words)).rejects.toMatchObject({
      code: "log_unreadable",
      message: "trace.jsonl line 20000: 20000 lines are no events: this is no event log",
    });
  });

  test("[trace/read-limits] a manifest of more than 64 KiB is none", async () => {
    const manifest = `{"trace_id":"${"x".repeat(70_000)}"}`;
    const { diagnostics } = await reduceBundle(source({ manifest }));
    expect(diagnostics[0]).toMatchObject({
      code: "manifest_invalid",
      message: "manifest.json is larger than 65536 bytes",
    });
  });

  test("[trace/read-limits] a deep line costs neither time nor memory, and is not repeated", async () => {
    const line = encode(`{"secret":${"[".repeat(20 * MIB)}\n`);
    const { diagnostics } = await reduceBundle(source({ log: (log) => [line, log] }));
    expect(diagnostics[0]).toStrictEqual({
      code: "line_invalid",
      message: "line is not valid json",
      line: 1,
    });
  });
});
