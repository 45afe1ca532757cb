import { expect, test } from "vitest";
import { CodeCell } from "../../../src/tools/code-mode/code-cell.ts";
import type { CellReport } from "../../../src/tools/code-mode/code-cell.ts";

const MEGABYTE = 1024 * 1024;
/** A busy machine starts a thread slowly. */
const TIMEOUT_MS = 60_000;

interface Outcome extends CellReport {
  /** What the script stored, by key. */
  readonly stored: ReadonlyMap<string, string>;
  readonly notices: readonly string[];
  readonly calls: number;
  /** The longest time this thread was kept from doing something else. */
  readonly lagMs: number;
  /** How much the memory of the process has grown. */
  readonly grownBytes: number;
}

/** Runs a script for at most `ms`, then ends it. `echo` returns its argument, `fail` fails, `hang` does not return. */
async function run(source: string, ms = 20_000): Promise<Outcome> {
  const stored = new Map<string, string>();
  const notices: string[] = [];
  let calls = 0;
  const cell = await CodeCell.open({
    async call({ tool, json }) {
      calls += 1;
      if (tool === 2) return new Promise(() => {});
      return tool === 0
        ? { isResolved: true, json: json ?? "null" }
        : { isResolved: false, json: '"it failed"' };
    },
    notice: (text) => notices.push(text),
    store: (key, json) => stored.set(key, json),
    now: Date.now,
  });
  const rss = process.memoryUsage.rss();
  let lagMs = 0;
  let last = performance.now();
  const meter = setInterval(() => {
    lagMs = Math.max(lagMs, performance.now() - last);
    last = performance.now();
  }, 10);
  await cell.run({
    source,
    tools: ["echo", "fail", "hang"].map((name) => ({ name, description: `${name} it` })),
    stored: {},
  });
  const report = await cell.report(ms, new AbortController().signal);
  const grownBytes = process.memoryUsage.rss() - rss;
  clearInterval(meter);
  await cell.terminate();
  expect(cell.isOver).toBe(true);
  return { ...report, stored, notices, calls, lagMs, grownBytes };
}

const texts = ({ items }: Outcome): unknown[] =>
  items.map((item) => (item.type === "input_text" ? item.text : item));

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
    expect(texts(outcome)[0]).toBe("s");
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
    expect(texts(outcome)).toEqual(["44"]);
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
    expect(texts(outcome)).toEqual(['{"a":1}', "[1]", '{"b":2}']);
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
    expect(texts(outcome)).toEqual([
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
    expect(texts(outcome)).toEqual(["a"]);
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
    expect(texts(outcome)).toEqual(["waited"]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-isolate] a call that never returns leaves the script where it is, and termination ends it",
  async () => {
    const outcome = await run("text('s'); await tools.hang(); text('never');", 300);
    expect(outcome.status).toBe("running");
    expect(texts(outcome)).toEqual(["s"]);
  },
  TIMEOUT_MS,
);
