import { describe, expect, test } from "vitest";
import { apiErrorOf, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { completedSse } from "../support/decode.ts";
import { startRawServer } from "../support/raw-server.ts";

type Headers = readonly (readonly [name: string, value: string])[];

/** An answer as it goes over the wire, byte by byte as latin-1. */
function answer(status: number, headers: Headers, body = ""): string {
  const lines = [...headers, ["content-length", String(body.length)], ["connection", "close"]].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `HTTP/1.1 ${status} X\r\n${lines.join("")}\r\n${body}`;
}

/** Answers requests in turn, each on a connection of its own. */
async function serve(...answers: readonly string[]) {
  return startRawServer((socket, index) => {
    socket.once("data", () => socket.end(Buffer.from(answers[index] ?? "", "latin1")));
  });
}

const stream = (headers: Headers): string =>
  answer(200, [["content-type", "text/event-stream"], ...headers], completedSse);
const id = (value: string): Headers => [["x-request-id", value]];
const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
const long = "r".repeat(10_240);

/** Headers, and what they make of a stream and of a refusal: what real Codex makes of them (0.140). */
const TABLE: readonly (readonly [
  name: string,
  headers: Headers,
  ofStream: string | undefined,
  ofRefusal?: string,
])[] = [
  ["a plain id", id("req_1"), "req_1"],
  ["spaces around it", id("  req_1  "), "req_1"],
  ["tabs around it", id("\treq_1\t"), "req_1"],
  ["a tab within it", id("req\t1"), "req\t1"],
  ["blanks within it", id(" req  1 "), "req  1"],
  ["no header", [], undefined],
  ["an empty one", id(""), ""],
  ["a blank one", id(" \t "), ""],
  ["two, the first counts", [...id("req_1"), ...id("req_2")], "req_1"],
  ["two, of which the first is empty", [...id(""), ...id("req_2")], ""],
  ["two, of which the first is not ASCII", [...id("r\u00e9q"), ...id("req_2")], undefined],
  ["latin-1", id("req_\u00e9"), undefined],
  ["UTF-8", id(utf8("req_日本")), undefined],
  ["10 kB", id(long), long],
  ["another spelling of the name", [["X-Request-Id", "req_1"]], "req_1"],
  ["only the other header", [["x-oai-request-id", "oai_1"]], undefined, "oai_1"],
  ["blanks around the other header", [["x-oai-request-id", " oai_1\t "]], undefined, "oai_1"],
  ["both headers", [["x-oai-request-id", "oai_1"], ...id("req_1")], "req_1"],
  ["an empty one and the other", [...id(""), ["x-oai-request-id", "oai_1"]], ""],
  [
    "one not in ASCII and the other",
    [...id("\u00e9"), ["x-oai-request-id", "oai_1"]],
    undefined,
    "oai_1",
  ],
];

const ROWS = TABLE.map(([name, headers, ofStream, ofRefusal = ofStream]) => ({
  name,
  headers,
  ofStream,
  ofRefusal,
}));

describe("[api/C12] the upstream request id", () => {
  test.each(ROWS)("of a stream: $name", async ({ headers, ofStream }) => {
    await using server = await serve(stream(headers));
    const opened = await clientAt(server.url).stream(request());
    expect(opened.upstreamRequestId).toBe(ofStream);
    expect((await outcomeOf(opened)).error).toBeUndefined();
  });

  test.each(ROWS)("of a refusal: $name", async ({ headers, ofRefusal }) => {
    await using server = await serve(answer(400, headers, '{"error":{}}'));
    const error = await apiErrorOf(clientAt(server.url).stream(request()));
    expect(error.upstreamRequestId).toBe(ofRefusal);
  });

  test.each<[string, string[], string | undefined]>([
    [
      "is that of the final answer, not of a redirecting one",
      [answer(307, [["location", "/v1/responses"], ...id("req_redirect")]), stream(id("req_1"))],
      "req_1",
    ],
    [
      "is missing when only the redirecting answer had one",
      [answer(307, [["location", "/v1/responses"], ...id("req_redirect")]), stream([])],
      undefined,
    ],
    [
      "is not that of an early hint",
      [`HTTP/1.1 103 Early Hints\r\nx-request-id: req_early\r\n\r\n${stream(id("req_1"))}`],
      "req_1",
    ],
    [
      "is missing when only an early hint had one",
      [`HTTP/1.1 103 Early Hints\r\nx-request-id: req_early\r\n\r\n${stream([])}`],
      undefined,
    ],
  ])("%s", async (_name, answers, expected) => {
    await using server = await serve(...answers);
    const opened = await clientAt(server.url).stream(request());
    expect(opened.upstreamRequestId).toBe(expected);
    await outcomeOf(opened);
  });

  test("is that of the last attempt, and none when the last one got no answer", async () => {
    const refused = answer(500, id("req_first"));
    await using server = await serve(refused, answer(500, id("req_second")));
    const error = await apiErrorOf(clientAt(server.url, retries(1)).stream(request()));
    expect(error.upstreamRequestId).toBe("req_second");
    await using silent = await serve(refused, "");
    const broken = await apiErrorOf(clientAt(silent.url, retries(1)).stream(request()));
    expect(broken).toMatchObject({ code: "network", upstreamRequestId: undefined });
  });
});
