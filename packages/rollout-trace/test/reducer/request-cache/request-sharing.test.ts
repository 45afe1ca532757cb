import { describe, expect, test, vi } from "vitest";
import { memoryBundle } from "@codex-ts/rollout-trace/reducer";
import { portableByteOperations } from "../../../src/json/bytes.ts";
import { nodeByteOperations } from "../../../src/reader/node-bytes.ts";
import { CachedRequest } from "../../../src/reducer/request-cache/cached-request.ts";
import { reduceWith } from "../../../src/reducer/reduce-with.ts";
import { bundle, message, requestItems } from "../support/bundle-builder.ts";
import type { BundleBuilder } from "../support/bundle-builder.ts";

const TOOLS = JSON.stringify([{ name: "x".repeat(5000) }]);

function history(length: number): object[] {
  return Array.from({ length }, (_, index) =>
    message("user", `message ${index} ${"é".repeat(500)}`),
  );
}

function requestText(items: readonly unknown[], { head = "", tail = "" } = {}): string {
  return `{"model":"m",${head}"input":${JSON.stringify(items, null, 2)},"tools":${TOOLS}${tail}}`;
}

/** How many bytes of payloads and log were decoded, of how many. */
async function decodedShare(builder: BundleBuilder): Promise<number> {
  const operations = portableByteOperations();
  let decoded = 0;
  const counting: typeof operations = {
    ...operations,
    decode(bytes, start, end) {
      decoded += end - start;
      return operations.decode(bytes, start, end);
    },
  };
  await reduceWith({ bytes: counting, zstd: undefined }, memoryBundle(builder.files()), {});
  const total = Object.values(builder.files()).reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    0,
  );
  return decoded / total;
}

describe("what a request repeats", () => {
  test("[trace/C9] is not decoded again", async () => {
    const builder = bundle();
    const all = history(40);
    for (let length = 1; length <= 40; length += 1)
      builder.request(
        `a${length}`,
        requestText(all.slice(0, length), { tail: `,"turn":${length}` }),
      );
    expect(requestItems(await builder.state(), "a40")).toHaveLength(40);
    expect(await decodedShare(builder)).toBeLessThan(0.1);
  });

  test("[trace/C9] is found behind another head, and in front of another tail", async () => {
    const builder = bundle();
    const all = history(30);
    for (let length = 10; length <= 30; length += 1) {
      const head = `"instructions":"${"i".repeat(length)}",`;
      const tail = `,"metadata":{"n":"${length}"}`;
      builder.request(`a${length}`, requestText(all.slice(0, length), { head, tail }));
    }
    await builder.state();
    expect(await decodedShare(builder)).toBeLessThan(0.2);
  });

  test("[trace/C9] ends where history was edited", async () => {
    const builder = bundle();
    const all = history(30);
    const edited = all.with(20, message("user", "edited"));
    const state = await builder
      .request("a", requestText(all))
      .request("b", requestText(edited))
      .request("c", requestText(edited.slice(0, 21)))
      .state();
    expect(requestItems(state, "b").slice(19, 22)).toEqual([20, 31, 22]);
    expect(requestItems(state, "c")).toHaveLength(21);
    expect(await decodedShare(builder)).toBeLessThan(0.7);
  });

  test.each([
    ["a second input", `,"input":[${JSON.stringify(message("user", "other"))}]`, [32]],
    [
      "a second input spelled with an escape",
      `,"\\u0069nput":[${JSON.stringify(message("user", "other"))}]`,
      [32],
    ],
    ["an empty second input", ',"input":[]', []],
  ])("does not hide %s, which is the one that counts", async (_, tail, expected) => {
    const all = history(31);
    const builder = bundle()
      .request("a", requestText(all.slice(0, 30)))
      .request("b", requestText(all));
    const state = await builder
      .request("c", requestText(all, { tail }))
      .request("d", requestText(all))
      .state();
    expect(requestItems(state, "c")).toEqual(expected);
  });

  test.each([
    ["broken text behind the list", (text: string) => `${text.slice(0, -1)},}`],
    ["nothing behind the list", (text: string) => text.slice(0, text.lastIndexOf("]") + 1)],
    [
      "a comma before the end of the list",
      (text: string) => text.replace('],"tools"', ',],"tools"'),
    ],
    [
      "no comma between elements",
      (text: string) => text.replace(/\},\s*(\{[^{]*\{[^{]*last)/, "}$1"),
    ],
    ["text behind the request", (text: string) => `${text}x`],
    ["half a surrogate pair in a new element", (text: string) => text.replace("last", "\\ud800")],
    ["half a surrogate pair in the tail", (text: string) => text.replace("xxx", "\\ud800")],
    ["an element that is no object", (text: string) => text.replace('],"tools"', ',7],"tools"')],
    [
      "a new element that is nested too deeply",
      (text: string) =>
        text.replace(
          '],"tools"',
          `,{"type":"web_search_call","x":${"[".repeat(125)}${"]".repeat(125)}}],"tools"`,
        ),
    ],
  ])("does not hide %s", async (_, damage) => {
    const all = history(20);
    const good = requestText([...all, message("user", "last")]);
    const damaged = damage(good);
    expect(damaged).not.toBe(good);
    const builder = bundle().request("a", requestText(all)).request("b", damaged);
    expect(["payload_invalid", "item_invalid"]).toContain(await builder.verdict());
    const fits = good.replace(
      '],"tools"',
      `,{"type":"web_search_call","x":${"[".repeat(124)}${"]".repeat(124)}}],"tools"`,
    );
    await bundle().request("a", requestText(all)).request("b", fits).state();
  });

  test("an item that comes twice is another item, in whatever order the history was made", async () => {
    const x = message("user", "x");
    const y = message("user", "y");
    const state = await bundle()
      .request("a", [x])
      .request("b", [y, x])
      .request("c", [y, x, y])
      .request("d", [y, x, y, x])
      .state();
    expect(requestItems(state, "b")).toEqual([2, 1]);
    expect(requestItems(state, "c")).toEqual([2, 1, 3]);
    expect(requestItems(state, "d")).toEqual([2, 1, 3, 4]);
  });

  test("a request that changes at its beginning every time is parsed whole and still right", async () => {
    const builder = bundle();
    const all = history(20).map((item) => ({ ...item, padding: "p".repeat(5000) }));
    for (let count = 0; count < 30; count += 1)
      builder.request(`a${count}`, requestText([message("user", `first ${count}`), ...all]));
    const state = await builder.state();
    expect(requestItems(state, "a29").slice(1)).toEqual(requestItems(state, "a0").slice(1));
  });

  test("members of a request may repeat the word input as text and as nested names", async () => {
    const head =
      '"input_text":"\\"input\\":[","nested":{"input":[1,{"input":2}]},"list":[{"input":[]}],';
    const builder = bundle();
    for (const length of [5, 6, 7])
      builder.request(`a${length}`, requestText(history(length), { head }));
    expect(requestItems(await builder.state(), "a7")).toHaveLength(7);
  });
});

test("both byte operations compare and decode alike", () => {
  const bytes = new TextEncoder().encode("\ufeffgröße ✓ 0123456789");
  const other = bytes.slice();
  const shifted = new Uint8Array([0, 0, 0, ...bytes]);
  other[9] = 0;
  for (const operations of [portableByteOperations(), nodeByteOperations()]) {
    for (let length = 0; length <= bytes.length; length += 1) {
      expect(operations.equal(bytes, 0, shifted, 3, length)).toBe(true);
      expect(operations.equal(bytes, 0, other, 0, length)).toBe(length <= 9);
    }
    expect(operations.decode(shifted, 3, shifted.length)).toBe("\ufeffgröße ✓ 0123456789");
    expect(() => operations.decode(bytes, 1, 3)).toThrow(SyntaxError);
  }
});

test("a request is kept in as much memory as it has bytes", () => {
  const made: number[] = [];
  const kept = new CachedRequest();
  const layout = {
    headEnd: 1,
    ends: [],
    listEnd: 1,
    tail: { memberStarts: [], hasPreviousResponseId: false, previousResponseId: undefined },
  };
  vi.stubGlobal(
    "Uint8Array",
    new Proxy(Uint8Array, {
      construct(target, [length]: [number]) {
        made.push(length);
        return new target(length);
      },
    }),
  );
  try {
    kept.replace(Buffer.alloc(1000), 0, layout);
    // There will be a third one then.
    kept.replace(Buffer.alloc(1001), 1000, layout);
    kept.replace(Buffer.alloc(2002), 1001, layout);
  } finally {
    vi.unstubAllGlobals();
  }
  expect(made).toEqual([1000, 2002]);
});
