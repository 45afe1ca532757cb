import { expect, test } from "vitest";
import { MEGABYTE, run, shownTexts, TIMEOUT_MS } from "./run-cell.ts";

test.each([
  ["an infinite loop", "text('s'); while (true) {}"],
  [
    "an infinite loop of jobs",
    "text('s'); const f = async () => { for (;;) await null; }; await f();",
  ],
  ["a regular expression without end", "text('s'); /(a+)+b/.test('a'.repeat(40));"],
  [
    "a flood of promises",
    "text('s'); const f = async () => { await null; f(); f(); }; f(); await new Promise(() => {});",
  ],
])(
  "[core/code-mode-hostile] %s runs until it is ended, and holds up nothing",
  async (_name, source) => {
    const outcome = await run(source, 1500);
    expect(shownTexts(outcome)[0]).toBe("s");
    expect(["running", "failed"]).toContain(outcome.status);
    expect(outcome.lagMs).toBeLessThan(1000);
    expect(outcome.grownBytes).toBeLessThan(256 * MEGABYTE);
  },
  TIMEOUT_MS,
);

test.each([
  ["an array of 10 GB", "new Array(1e10).fill(1);", /invalid array length|out of memory/],
  ["a buffer of 10 GB", "new ArrayBuffer(1e10);", /length|memory/],
  ["a text that doubles", "let s = 'x'.repeat(1000); for (;;) s += s;", /too long|out of memory/],
  ["a list without end", "const a = []; for (;;) a.push(new Uint8Array(1e6));", /out of memory/],
  ["a tree without end", "let o; for (;;) o = { o };", /out of memory/],
  ["deep recursion", "const f = (n) => f(n + 1) + 1; f(0);", /Maximum call stack size exceeded/],
  ["deep JSON", "JSON.parse('['.repeat(1e6));", /Maximum call stack size exceeded/],
  ["a flood of texts", "for (;;) text('x');", /more than 20000 items/],
  ["a flood of long texts", "for (;;) text('x'.repeat(1e6));", /more than 33554432 characters/],
  [
    "a flood of stored values",
    "for (let i = 0; ; i++) store('k' + i, 'x'.repeat(1e6));",
    /more than 33554432 characters/,
  ],
  ["a flood of timeouts", "for (;;) setTimeout(() => {}, 1e6);", /more than 10000 timeouts/],
])(
  "[core/code-mode-hostile] %s is bounded",
  async (_name, source, error) => {
    const outcome = await run(source, 50_000);
    expect(outcome.status).toBe("failed");
    expect(outcome.error).toMatch(error);
    expect(outcome.lagMs).toBeLessThan(1500);
    expect(outcome.grownBytes).toBeLessThan(400 * MEGABYTE);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-hostile] a flood of calls is refused, and none is made of a script that never waits",
  async () => {
    const outcome = await run(
      "const all = await Promise.allSettled(Array.from({ length: 300 }, () => tools.echo({}))); text(all.filter(({ status }) => status === 'rejected').length);",
    );
    expect(shownTexts(outcome)).toEqual(["44"]);
    expect(outcome.calls).toBe(256);
    expect((await run("for (;;) tools.echo({});", 1000)).calls).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-hostile] what a script does to the language is its own trouble",
  async () => {
    const attacks = `
      Object.defineProperty(Object.prototype, "type", { get: () => "ended", set() {} });
      Object.prototype.toString = null; Array.prototype.push = () => { throw 1; };
      Map.prototype.get = Map.prototype.set = null; JSON.stringify = JSON.parse = () => "no";
      Error.prototype.toString = () => { for (;;); };
      globalThis.String = globalThis.Error = null;
      text({ a: 1 }); store("k", [1]); text(load("k")); store("__proto__", { polluted: true });
      text(await tools.echo({ b: 2 }));`;
    const outcome = await run(attacks);
    expect(outcome.error).toBeUndefined();
    expect(shownTexts(outcome)).toEqual(['{"a":1}', "[1]", '{"b":2}']);
    expect(outcome.stored.get("__proto__")).toBe('{"polluted":true}');
    expect("polluted" in {}).toBe(false);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-isolate] a script finds nothing of the host",
  async () => {
    const outcome = await run(`
      text(["console", "require", "process", "fetch", "WebAssembly", "performance", "Atomics", "setInterval", "navigator"].map((name) => typeof globalThis[name]).join());
      for (const value of [text, tools.echo, ALL_TOOLS, setTimeout]) text(typeof value.constructor.constructor("return globalThis.process")());
      try { await import("node:fs"); } catch (error) { text(String(error)); }`);
    expect(shownTexts(outcome)).toEqual([
      Array.from({ length: 9 }, () => "undefined").join(),
      ...Array.from({ length: 4 }, () => "undefined"),
      "Error: Unsupported import in exec: node:fs",
    ]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-isolate] exit() ends a script where nothing can catch it",
  async () => {
    const outcome = await run(
      "const f = async () => { try { exit(); } finally { text('finally'); } }; text('a'); await f().catch(() => text('caught')); text('b');",
    );
    expect(outcome).toMatchObject({ status: "completed", error: undefined });
    expect(shownTexts(outcome)).toEqual(["a"]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-isolate] timeouts are kept, cleared and fatal when they throw",
  async () => {
    const outcome = await run(`
      setTimeout(() => text("never"), 60_000);
      clearTimeout(setTimeout(() => text("cleared"), 1));
      await new Promise((resolve) => setTimeout(resolve, 20)); text("waited");
      setTimeout(() => { throw new Error("in a timeout"); });
      await new Promise(() => {});`);
    expect(outcome.status).toBe("failed");
    expect(outcome.error).toMatch(/^Error: in a timeout\n {4}at exec_main\.mjs:5:/);
    expect(shownTexts(outcome)).toEqual(["waited"]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-isolate] a call that never returns leaves the script where it is, and termination ends it",
  async () => {
    const outcome = await run("text('s'); await tools.hang(); text('never');", 300);
    expect(outcome.status).toBe("running");
    expect(shownTexts(outcome)).toEqual(["s"]);
  },
  TIMEOUT_MS,
);
