import { expect, test } from "vitest";
import { MEGABYTE, run, shownTexts, TIMEOUT_MS } from "./run-cell.ts";

test(
  "[core/code-mode-values] texts with NULs and halves of characters leave a script as in Codex",
  async () => {
    const outcome = await run(
      String.raw`text("a\0b"); text("a\ud800b"); notify("n\0n"); text(Symbol("s"));
      store("k\0k", "v\0v"); text(load("k\0k")); text(load("k")); text(await tools.echo({ "x\0": "\0" }));`,
    );
    expect(outcome.error).toBeUndefined();
    const echoed = String.raw`{"x\u0000":"\u0000"}`;
    expect(shownTexts(outcome)).toEqual([
      "a\0b",
      "a\uFFFDb",
      "undefined",
      "v\0v",
      "undefined",
      echoed,
    ]);
    expect(outcome.notices).toEqual(["n\0n"]);
    expect([...outcome.stored]).toEqual([["k\0k", String.raw`"v\u0000v"`]]);
    const earlier = await run(String.raw`text(load("k\0k"));`, 20_000, { "k\0k": '"v"' });
    expect(shownTexts(earlier)).toEqual(["v"]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-hostile] what earlier scripts stored takes no memory of those that do not load it",
  async () => {
    const stored = { a: JSON.stringify("x".repeat(30e6)), b: JSON.stringify("é".repeat(10e6)) };
    const outcome = await run('text("here"); text(load("b").length);', 50_000, stored);
    expect(outcome.error).toBeUndefined();
    expect(shownTexts(outcome)).toEqual(["here", String(10e6)]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-hostile] the result of a call is freed with the call",
  async () => {
    const source = `const s = "x".repeat(4e6); let n = 0;
      for (let i = 0; i < 40; i++) n += (await tools.echo({ s })).s.length;
      text(n);`;
    const outcome = await run(source, 50_000);
    expect(outcome.error).toBeUndefined();
    expect(shownTexts(outcome)).toEqual([String(160e6)]);
  },
  TIMEOUT_MS,
);

test(
  "[core/code-mode-hostile] arguments of calls that never end are bounded together",
  async () => {
    const source = `const s = "x".repeat(1e6); let refused;
      for (let i = 0; i < 50; i++) {
        tools.hang({ s }).catch((reason) => { refused ??= reason; });
        await new Promise((resolve) => setTimeout(resolve));
      }
      text(refused);`;
    const outcome = await run(source, 50_000);
    expect(outcome.calls).toBe(33);
    expect(shownTexts(outcome)).toEqual([
      expect.stringContaining("pending calls have more than 33554432 characters"),
    ]);
    expect(outcome.grownBytes).toBeLessThan(400 * MEGABYTE);
  },
  TIMEOUT_MS,
);

test.each([
  ["a text of 30 MB", 'throw "x".repeat(3e7);', /^x{10000}$/],
  ["a symbol", 'throw Symbol("x");', /^$/],
  ["a BigInt in JSON", "text({ a: 1n });", /serialize a BigInt\n {4}at exec_main\.mjs:1:1$/],
  [
    "a circle in JSON",
    "const o = {}; o.o = o; text(o);",
    /circular structure to JSON\n {4}at exec/,
  ],
  ["a loop of toJSON", "const o = { toJSON: () => ({ o }) }; text(o);", /call stack size exceeded/],
  [
    "a poisoned stack",
    'const e = new Error("m"); Object.defineProperty(e, "stack", { get() { throw 1; } }); throw e;',
    /failed, and so did the description/,
  ],
  ["a chain of proxies", "let p = {}; for (;;) p = new Proxy(p, {});", /out of memory/],
  ["a generator without end", "function* g() { for (;;) yield 1; } [...g()];", /out of memory/],
  ["parentheses", 'eval("(".repeat(1e6));', /Maximum call stack size exceeded/],
  ["captures", 'new RegExp("(".repeat(1e5) + ")".repeat(1e5));', /too many captures/],
  ["a value of 1 GB", 'store("a", "x".repeat(2 ** 30 - 30));', /out of memory/],
  ["a value of 40 MB", 'store("a", "é".repeat(2e7));', /more than 33554432 bytes/],
  ["a worker", 'new Worker("x");', /Worker is not defined/],
])(
  "[core/code-mode-hostile] %s ends in a text",
  async (_name, source, error) => {
    const outcome = await run(source, 50_000);
    expect(outcome.error).toMatch(error);
    expect(outcome.lagMs).toBeLessThan(1500);
    expect(outcome.grownBytes).toBeLessThan(400 * MEGABYTE);
  },
  TIMEOUT_MS,
);

test.each([
  ["a getter", "text({ get a() { for (;;); } });"],
  ["toJSON", "tools.echo({ toJSON() { for (;;); } });"],
  ["a thrown proxy", "throw new Proxy({}, { getPrototypeOf() { for (;;); } });"],
  [
    "Symbol.hasInstance",
    "Object.defineProperty(Error, Symbol.hasInstance, { value() { for (;;); } }); throw 1;",
  ],
  ["a thenable of itself", "const t = { then(r) { r(t); } }; await t;"],
  ["an async generator", "async function* g() { for (;;) yield 1; } for await (const x of g());"],
  ["a poisoned then", "Promise.prototype.then = () => { for (;;); }; await tools.echo({});"],
  ["the name of an import", "await import({ toString() { for (;;); } });"],
])(
  "[core/code-mode-hostile] %s that loops is ended",
  async (_name, source) => {
    const outcome = await run(source, 1000);
    expect(outcome.status).toBe("running");
    expect(outcome.lagMs).toBeLessThan(1000);
  },
  TIMEOUT_MS,
);
