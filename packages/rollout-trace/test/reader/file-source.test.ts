import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { openBundle, reduceBundle, TraceError, TraceReadError } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { bundle, message } from "../reducer/support/bundle-builder.ts";
import type { BundleBuilder } from "../reducer/support/bundle-builder.ts";

const SECRET =
  '{"input":[{"type":"message","role":"user","content":[{"type":"text","text":"secret"}]}]}';

function write(folder: string, builder: BundleBuilder): void {
  mkdirSync(join(folder, "payloads"), { recursive: true });
  for (const [path, content] of Object.entries(builder.files()))
    writeFileSync(join(folder, path), content);
}

function small(): BundleBuilder {
  return bundle()
    .request("a", [message("user", "x")])
    .response("a", [message("assistant", "y")]);
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "no error",
    (error: unknown) => (TraceError.is(error) ? error.code : error),
  );
}

describe("a bundle folder", () => {
  test("reduces like the same bundle in memory", async () => {
    await using folder = await temporaryDirectory();
    write(folder.path, small());
    const { state } = await reduceBundle(openBundle(folder.path), { mode: "strict" });
    expect(state).toStrictEqual(await small().state());
  });

  test("reads files of several folders in turn, and what is named oddly", async () => {
    await using folder = await temporaryDirectory();
    write(folder.path, small());
    const names = [
      "payloads/x.json",
      "?x",
      "top.json",
      "payloads/deep/x.json",
      "payloads/..x",
      "?",
    ];
    mkdirSync(join(folder.path, "payloads", "deep"));
    for (const name of names) writeFileSync(join(folder.path, name), name);
    const source = openBundle(folder.path);
    for (const name of [...names, ...names.toReversed()])
      expect(Buffer.from(await source.readPayload(name)).toString()).toBe(name);
    expect(() => openBundle(folder.path).readPayload("?package.json")).toThrow("ENOENT");
  });

  test("may have a log larger than what is read at once", async () => {
    await using folder = await temporaryDirectory();
    const builder = small();
    for (let turn = 0; turn < 2500; turn += 1)
      builder.turn(`turn-${turn}-${"x".repeat(turn % 97)}`);
    expect(builder.log.length).toBeGreaterThan(2 * 256 * 1024);
    write(folder.path, builder);
    const { state } = await reduceBundle(openBundle(folder.path), { mode: "strict" });
    expect(state).toStrictEqual(await builder.state());
  });

  test("that does not exist, or is a file, or holds neither manifest nor log, is refused in both modes", async () => {
    await using folder = await temporaryDirectory();
    expect(() => openBundle(join(folder.path, "nothing"))).toThrow(TraceReadError);
    writeFileSync(join(folder.path, "file"), "");
    expect(() => openBundle(join(folder.path, "file"))).toThrow("is not a directory");
    for (const mode of ["strict", "tolerant"] as const)
      expect(await codeOf(reduceBundle(openBundle(folder.path), { mode }))).toBe("bundle_missing");
  });

  test.skipIf(process.platform === "win32")(
    "folders and pipes in place of manifest or log count as missing",
    async () => {
      for (const name of ["manifest.json", "trace.jsonl"]) {
        await using folder = await temporaryDirectory();
        write(folder.path, small());
        rmSync(join(folder.path, name));
        execFileSync("mkfifo", [join(folder.path, name)]);
        const { diagnostics } = await reduceBundle(openBundle(folder.path));
        const code = name === "trace.jsonl" ? "event_log_missing" : "manifest_missing";
        expect(diagnostics[0]?.code).toBe(code);
        rmSync(join(folder.path, name));
        mkdirSync(join(folder.path, name));
        expect(await codeOf(reduceBundle(openBundle(folder.path), { mode: "strict" }))).toBe(code);
      }
    },
  );

  test("without manifest takes its ids from the log", async () => {
    await using folder = await temporaryDirectory();
    writeFileSync(join(folder.path, "trace.jsonl"), bundle(1).log);
    expect(await codeOf(reduceBundle(openBundle(folder.path), { mode: "strict" }))).toBe(
      "manifest_missing",
    );
    const { state, diagnostics } = await reduceBundle(openBundle(folder.path));
    expect(diagnostics.map((each) => each.code)).toEqual(["manifest_missing"]);
    expect(state).toStrictEqual({ ...(await bundle(1).state()), started_at_unix_ms: 1010 });
  });

  test("with half a manifest uses what it says", async () => {
    await using folder = await temporaryDirectory();
    writeFileSync(
      join(folder.path, "manifest.json"),
      '{"schema_version":1,"rollout_id":"r","started_at_unix_ms":5}',
    );
    writeFileSync(join(folder.path, "trace.jsonl"), "");
    expect(await codeOf(reduceBundle(openBundle(folder.path), { mode: "strict" }))).toBe(
      "manifest_invalid",
    );
    const { state } = await reduceBundle(openBundle(folder.path));
    expect(state).toMatchObject({
      schema_version: 1,
      rollout_id: "r",
      started_at_unix_ms: 5,
      trace_id: "",
    });
  });

  test("without log is an empty running trace", async () => {
    await using folder = await temporaryDirectory();
    writeFileSync(join(folder.path, "manifest.json"), JSON.stringify(bundle().manifest));
    expect(await codeOf(reduceBundle(openBundle(folder.path), { mode: "strict" }))).toBe(
      "event_log_missing",
    );
    const { state, diagnostics } = await reduceBundle(openBundle(folder.path));
    expect(state).toMatchObject({ status: "running", trace_id: "trace-1", threads: {} });
    expect(diagnostics.map((each) => each.code)).toEqual(["event_log_missing"]);
  });

  test("a manifest of an unknown schema is refused in schema 2, and passed over in schema 1", async () => {
    for (const schema of [1, 2] as const) {
      await using folder = await temporaryDirectory();
      const builder = bundle(schema);
      write(folder.path, builder);
      writeFileSync(
        join(folder.path, "manifest.json"),
        JSON.stringify({ ...builder.manifest, schema_version: 99 }),
      );
      const strict = codeOf(reduceBundle(openBundle(folder.path), { mode: "strict" }));
      expect(await strict).toBe(schema === 1 ? "no error" : "schema_unsupported");
      expect((await reduceBundle(openBundle(folder.path))).state).toStrictEqual(
        await builder.state(),
      );
    }
  });

  test.each(["payloads/1.json", "payloads"])(
    "[trace/C11] a symbolic link %s that leaves it is not followed, in both modes",
    async (linked) => {
      await using outside = await temporaryDirectory();
      await using folder = await temporaryDirectory();
      const builder = bundle().request("a", SECRET);
      mkdirSync(join(outside.path, "payloads"));
      writeFileSync(join(outside.path, "payloads/1.json"), SECRET);
      if (linked !== "payloads") mkdirSync(join(folder.path, "payloads"));
      for (const file of ["manifest.json", "trace.jsonl"])
        writeFileSync(join(folder.path, file), builder.files()[file] ?? "");
      symlinkSync(join(outside.path, linked), join(folder.path, linked));
      expect(await codeOf(reduceBundle(openBundle(folder.path), { mode: "strict" }))).toBe(
        "payload_outside_bundle",
      );
      const { state, diagnostics } = await reduceBundle(openBundle(folder.path));
      expect(diagnostics.map((each) => each.code)).toEqual(["payload_outside_bundle"]);
      expect(JSON.stringify(state)).not.toContain("secret");
    },
  );

  test("a symbolic link that stays inside is followed, and the bundle itself may be one", async () => {
    await using folder = await temporaryDirectory();
    const real = join(folder.path, "real");
    write(real, small());
    execFileSync("mv", [join(real, "payloads/1.json"), join(real, "payloads/moved.json")]);
    symlinkSync("moved.json", join(real, "payloads/1.json"));
    symlinkSync(real, join(folder.path, "link"));
    const { state } = await reduceBundle(openBundle(join(folder.path, "link")), { mode: "strict" });
    expect(Object.keys(state.conversation_items)).toHaveLength(2);
  });

  test.skipIf(process.platform === "win32")(
    "a pipe or a folder in place of a payload does not block",
    async () => {
      await using folder = await temporaryDirectory();
      const builder = small();
      write(folder.path, builder);
      execFileSync("rm", [
        join(folder.path, "payloads/1.json"),
        join(folder.path, "payloads/2.json"),
      ]);
      execFileSync("mkfifo", [join(folder.path, "payloads/1.json")]);
      mkdirSync(join(folder.path, "payloads/2.json"));
      const { diagnostics } = await reduceBundle(openBundle(folder.path));
      expect(diagnostics.map((each) => each.code)).toEqual(["payload_missing", "payload_missing"]);
    },
  );

  test.skipIf(process.platform === "win32")(
    "a pipe that holds a payload is none either",
    async () => {
      await using folder = await temporaryDirectory();
      const builder = small();
      write(folder.path, builder);
      const pipe = join(folder.path, "payloads/1.json");
      rmSync(pipe);
      execFileSync("mkfifo", [pipe]);
      const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
      try {
        writeSync(descriptor, String(builder.files()["payloads/1.json"]));
        const { diagnostics } = await reduceBundle(openBundle(folder.path));
        expect(diagnostics.map((each) => each.code)).toEqual(["payload_missing"]);
      } finally {
        closeSync(descriptor);
      }
    },
  );

  test("an aborted reduction rejects with the reason of its signal", async () => {
    await using folder = await temporaryDirectory();
    write(folder.path, small());
    const reason = new Error("enough");
    const reduction = reduceBundle(openBundle(folder.path), { signal: AbortSignal.abort(reason) });
    await expect(reduction).rejects.toBe(reason);
  });
});
