import { describe, expect, test } from "vitest";
import { toComparable } from "../../src/compare/comparable.ts";
import { type Difference, runDifferences } from "../../src/compare/differences.ts";
import type { HeaderPairs, ObservedRun } from "../../src/compare/observed-run.ts";

type RunInit = Partial<ObservedRun> & { readonly headers?: HeaderPairs; readonly body?: object };

function run({ headers = [], body = {}, ...rest }: RunInit): ObservedRun {
  const request = { target: "POST /v1/responses", headers, body: body as never };
  return { exitCode: 0, requests: [request], handshakes: [], events: [], ...rest };
}

function fields(expected: RunInit, actual: RunInit): string[] {
  return compare(expected, actual).map(({ field }) => field);
}

function compare(expected: RunInit, actual: RunInit): Difference[] {
  return runDifferences(toComparable(run(expected)), toComparable(run(actual)));
}

describe("differences of two runs", () => {
  test("there are none between equal runs", () => {
    const same = { headers: [["accept", "*/*"]], body: { model: "m", input: [{ a: 1 }] } } as const;
    expect(compare(same, same)).toEqual([]);
  });

  test("values, missing and additional members are told by their path", () => {
    const expected = { body: { model: "m", store: false, input: [{ type: "message" }] } };
    const actual = { body: { model: "n", input: [{ type: "other" }], tools: [{ name: "x" }] } };
    expect(fields(expected, actual)).toEqual([
      "requests.0.body.model",
      "requests.0.body.store",
      "requests.0.body.tools",
      "requests.0.input.0.type",
      "requests.0.tools.x",
    ]);
  });

  test("a member that is missing where it would be empty, or is another kind of container, is told", () => {
    const expected = { body: { input: [], tools: [], include: [], client_metadata: {} } };
    expect(fields(expected, { body: {} })).toEqual([
      "requests.0.body.input",
      "requests.0.body.tools",
      "requests.0.body.include",
      "requests.0.body.client_metadata",
    ]);
    const other = { body: { input: {}, tools: null, include: {}, client_metadata: [] } };
    expect(fields(expected, other)).toEqual([
      "requests.0.body.input",
      "requests.0.body.tools",
      "requests.0.body.include",
      "requests.0.body.client_metadata",
    ]);
  });

  test("a header that is there twice is told, of an upgrade as well", () => {
    const once = [["a", "1"]] as const;
    const twice = [...once, ...once];
    expect(fields({ headers: once }, { headers: twice })).toEqual(["requests.0.headerOrder"]);
    const upgrade = (headers: HeaderPairs) => ({
      handshakes: [{ target: "upgrade /v1/responses", headers, body: undefined }],
    });
    expect(fields(upgrade(once), upgrade(twice))).toEqual(["handshakes.0.headerOrder"]);
    expect(
      fields(upgrade([...once, ["b", "1"]]), upgrade([["b", "1"], ...once])),
      "their order says nothing",
    ).toEqual([]);
  });

  test("another order of headers or body members counts, one more of them does not", () => {
    const headers = [
      ["b", "1"],
      ["a", "1"],
    ] as const;
    expect(fields({ headers }, { headers: headers.toReversed() })).toEqual([
      "requests.0.headerOrder",
    ]);
    expect(fields({ headers }, { headers: [["c", "1"], ...headers] })).toEqual([
      "requests.0.headers.c",
    ]);
    expect(fields({ body: { x: 1, y: 1 } }, { body: { y: 1, x: 1 } })).toEqual([
      "requests.0.bodyOrder",
    ]);
  });

  test("keys of the flat metadata have no order, those of the blob have", () => {
    const body = (flat: object, blob: object): object => ({
      client_metadata: { ...flat, "x-codex-turn-metadata": JSON.stringify(blob) },
    });
    expect(
      fields({ body: body({ a: "1", b: "1" }, {}) }, { body: body({ b: "1", a: "1" }, {}) }),
    ).toEqual([]);
    expect(fields({ body: body({}, { a: 1, b: 1 }) }, { body: body({}, { b: 1, a: 1 }) })).toEqual([
      "requests.0.blobOrder",
    ]);
  });

  test("two copies of the metadata that are not the same text are found", () => {
    const body = { client_metadata: { "x-codex-turn-metadata": '{"a":1}' } };
    const good = [["x-codex-turn-metadata", '{"a":1}']] as const;
    const bad = [["x-codex-turn-metadata", '{"a":2}']] as const;
    expect(fields({ headers: good, body }, { headers: bad, body })).toEqual([
      "requests.0.isOneBlob",
    ]);
    expect(fields({ headers: good, body }, { headers: [], body })).toContain(
      "requests.0.isOneBlob",
    );
  });

  test("another request is told as such, not member by member", () => {
    const other = { target: "GET /v1/models", headers: [], body: { many: 1, members: 2 } };
    expect(fields({}, { requests: [other] })).toEqual(["requests.0.target"]);
  });

  test("exit codes, counts and kinds of printed events are compared", () => {
    const events = [{ type: "item.started", item: { type: "command_execution" } }];
    expect(compare({ events }, { exitCode: 1, requests: [], events: [] })).toEqual([
      { field: "exitCode", expected: "0", actual: "1" },
      { field: "requestCount", expected: "1", actual: "0" },
      expect.objectContaining({ field: "requests.0", actual: "absent" }),
      { field: "eventKinds", expected: '"item.started(command_execution)"', actual: '""' },
    ]);
  });
});
