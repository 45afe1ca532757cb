/** An answer as it goes over the wire, headers and body byte by byte. */
export interface RawReply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Bytes behind the body. */
  readonly tail?: Buffer;
  /** `cut`: the connection breaks after the body; `hang`: nothing more comes. Default: the answer ends. */
  readonly ending?: "cut" | "hang";
  /** `x-request-id` of a `103` before the answer. */
  readonly earlyHintId?: string;
}

/** One way a request can go, and what real Codex 0.140 made of it. */
export interface OutcomeScenario {
  readonly name: string;
  /** In order; the last one repeats. `never`: no answer comes; `reset`: the connection is reset. */
  readonly replies: readonly (RawReply | "never" | "reset")[];
  readonly requestMaxRetries?: number;
  readonly streamMaxRetries?: number;
  /** The server falls silent, so that the idle timeout is short. */
  readonly isIdle?: boolean;
  /** When the turn is given up: at a request (its number), when an answer has its headers, when an item is there. */
  readonly abortAt?: number | "headers" | "item";
  /** A proxy in between: it passes on, adds an id of its own in front, or refuses. */
  readonly proxy?: "pass" | "addFirst" | "refuse";
  /** Status, response id, upstream request id and number of items of each inference of the reduced trace. */
  readonly expected: readonly Inference[];
}

type Inference = readonly [
  status: "completed" | "failed" | "cancelled",
  responseId: string | null,
  upstreamRequestId: string | null,
  items: number,
];

const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
const message = (id: string, text: string) => ({
  type: "message",
  id,
  role: "assistant",
  content: [{ type: "output_text", text }],
});
const created = (id: string) => ({ type: "response.created", response: { id } });
const item = (value: object) => ({ type: "response.output_item.done", item: value });
const completed = (id?: string) => ({
  type: "response.completed",
  response: { ...(id !== undefined && { id }), usage },
});
const failed = (error?: object) => ({
  type: "response.failed",
  response: { id: "resp_a", ...(error && { error }) },
});
const incomplete = (reason: string) => ({
  type: "response.incomplete",
  response: { id: "resp_a", incomplete_details: { reason } },
});

type Headers = RawReply["headers"];

const id = (value: string): Headers => [["x-request-id", value]];
const oai: Headers = [["x-oai-request-id", "req_oai"]];
const latin1 = (text: string): string => Buffer.from(text).toString("latin1");
const sse = (events: readonly object[]): string =>
  events
    .map(
      (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`,
    )
    .join("");

const stream = (
  events: readonly object[],
  more: Partial<RawReply> = {},
  headers: Headers = id("req_a"),
): RawReply => ({
  status: 200,
  headers: [["content-type", "text/event-stream"], ...headers],
  body: sse(events),
  ...more,
});
const hi = item(message("m1", "hi"));
const part = item(message("m1", "part"));
const whole = [created("resp_a"), hi, completed("resp_a")];
const partial = [created("resp_a"), part];
const ok = (headers: Headers, more: Partial<RawReply> = {}): RawReply =>
  stream(whole, more, headers);
const refusal = (status: number, headers: Headers = id(`req_${status}`)): RawReply => ({
  status,
  headers: [["content-type", "application/json"], ...headers],
  body: JSON.stringify({
    error: { message: `m${status}`, type: "invalid_request_error", code: null },
  }),
});
const other = (type: string, body: string): RawReply => ({
  status: 200,
  headers: [["content-type", type], ...id("req_a")],
  body,
});
const redirect: RawReply = {
  status: 307,
  headers: [["location", "/v1/responses"], ...id("req_redirect")],
  body: "",
};

const long = "r".repeat(10_240);
const done: Inference = ["completed", "resp_a", "req_a", 1];
const broken: Inference = ["failed", null, "req_a", 0];
const brokenAfterItem: Inference = ["failed", null, "req_a", 1];

/** A stream with these headers, and a refusal with them, and the id each ends up with. */
const streamId = (name: string, headers: Headers, expected: string | null): OutcomeScenario => ({
  name: `stream id: ${name}`,
  replies: [ok(headers)],
  expected: [["completed", "resp_a", expected, 1]],
});
const refusalId = (
  name: string,
  headers: Headers,
  expected: string | null,
  status = 400,
): OutcomeScenario => ({
  name: `refusal id: ${name}`,
  replies: [refusal(status, headers)],
  expected: [["failed", null, expected, 0]],
});
/** One stream, however it goes. */
const one = (
  name: string,
  reply: RawReply,
  expected: Inference,
  more: Partial<OutcomeScenario> = {},
): OutcomeScenario => ({ name, replies: [reply], expected: [expected], ...more });

/**
 * Every outcome of a request over HTTP. `expected` is what the reduced trace of real Codex 0.140 says of the same
 * answers (observed; `outcomes.mjs` of the recorder plays them to both programs).
 */
export const OUTCOME_SCENARIOS: readonly OutcomeScenario[] = [
  one("ok", ok(id("req_a")), done),
  one("no created event", stream([hi, completed("resp_a")]), done),
  one("completed without an id", stream([created("resp_a"), hi, completed()]), brokenAfterItem),
  one(
    "events after the completion",
    stream([...whole, item(message("m2", "late")), completed("resp_late")]),
    done,
  ),
  one("a failure after the completion", stream([...whole, failed({ code: "server_error" })]), done),
  ...[400, 401, 403, 404, 407, 408, 409, 413, 422, 429, 500, 502, 503].map((status) =>
    one(`status ${status}`, refusal(status), ["failed", null, `req_${status}`, 0]),
  ),
  {
    name: "500, then ok, within the transport",
    requestMaxRetries: 1,
    replies: [refusal(500, id("req_first")), ok(id("req_second"))],
    expected: [["completed", "resp_a", "req_second", 1]],
  },
  {
    name: "500 twice, within the transport",
    requestMaxRetries: 1,
    replies: [refusal(500, id("req_first")), refusal(500, id("req_second"))],
    expected: [["failed", null, "req_second", 0]],
  },
  {
    name: "500, then a reset, within the transport",
    requestMaxRetries: 1,
    replies: [refusal(500, id("req_first")), "reset"],
    expected: [["failed", null, null, 0]],
  },
  {
    name: "500, then 500 without an id, within the transport",
    requestMaxRetries: 1,
    replies: [refusal(500, id("req_first")), refusal(500, [])],
    expected: [["failed", null, null, 0]],
  },
  {
    name: "a cut stream, then ok",
    streamMaxRetries: 1,
    replies: [stream(partial, { ending: "cut" }), ok(id("req_second"))],
    expected: [brokenAfterItem, ["completed", "resp_a", "req_second", 1]],
  },
  {
    name: "401 twice",
    streamMaxRetries: 1,
    replies: [refusal(401, id("req_first")), refusal(401, id("req_second"))],
    expected: [
      ["failed", null, "req_first", 0],
      ["failed", null, "req_second", 0],
    ],
  },
  one("200 with JSON", other("application/json", '{"id":"resp_json","output":[]}'), broken),
  one("200 with a page", other("text/html", "<html>captive portal</html>"), broken),
  one("200 with nothing", stream([]), broken),
  one("204", { status: 204, headers: id("req_a"), body: "" }, broken),
  one("cut after an item", stream(partial, { ending: "cut" }), brokenAfterItem),
  one("cut after the headers", stream([], { ending: "cut" }), broken),
  one("closed after an item", stream(partial), brokenAfterItem),
  one("silence after an item", stream(partial, { ending: "hang" }), brokenAfterItem, {
    isIdle: true,
  }),
  one("silence after the headers", stream([], { ending: "hang" }), broken, { isIdle: true }),
  one(
    "no UTF-8",
    stream([created("resp_a")], {
      tail: Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0xfe, 10, 10]),
    }),
    broken,
  ),
  one(
    "given up after an item",
    stream(partial, { ending: "hang" }),
    ["cancelled", null, "req_a", 1],
    { abortAt: "item" },
  ),
  one(
    "given up after the headers",
    stream([], { ending: "hang" }),
    ["cancelled", null, "req_a", 0],
    {
      abortAt: "headers",
    },
  ),
  {
    name: "given up before the headers",
    replies: ["never"],
    abortAt: 1,
    expected: [["cancelled", null, null, 0]],
  },
  one(
    "given up while an error page arrives",
    { ...refusal(500, id("req_a")), body: '{"err', ending: "hang" },
    ["cancelled", null, null, 0],
    { abortAt: "headers" },
  ),
  {
    name: "given up between retries",
    requestMaxRetries: 4,
    replies: [refusal(500, id("req_first")), "never"],
    abortAt: 2,
    expected: [["cancelled", null, null, 0]],
  },
  one(
    "failed: server_error",
    stream([...partial, failed({ code: "server_error", message: "boom" })]),
    brokenAfterItem,
  ),
  one(
    "failed: rate_limit_exceeded",
    stream([
      created("resp_a"),
      failed({ code: "rate_limit_exceeded", message: "Please try again in 0.1s" }),
    ]),
    broken,
  ),
  one(
    "failed: context_length_exceeded",
    stream([created("resp_a"), failed({ code: "context_length_exceeded", message: "x" })]),
    broken,
  ),
  one(
    "failed: insufficient_quota",
    stream([created("resp_a"), failed({ code: "insufficient_quota", message: "x" })]),
    broken,
  ),
  one("failed without an error", stream([created("resp_a"), failed()]), broken),
  one("incomplete", stream([...partial, incomplete("max_output_tokens")]), brokenAfterItem),
  one(
    "incomplete by a filter",
    stream([...partial, incomplete("content_filter")]),
    brokenAfterItem,
  ),
  {
    name: "a redirect",
    replies: [redirect, ok(id("req_final"))],
    expected: [["completed", "resp_a", "req_final", 1]],
  },
  {
    name: "a redirect to an answer without an id",
    replies: [redirect, ok([])],
    expected: [["completed", "resp_a", null, 1]],
  },
  {
    name: "a redirect to a refusal",
    replies: [redirect, refusal(500, id("req_final"))],
    expected: [["failed", null, "req_final", 0]],
  },
  one("a redirect without a location", { status: 302, headers: id("req_a"), body: "" }, broken),
  one("early hints", ok(id("req_final"), { earlyHintId: "req_early" }), [
    "completed",
    "resp_a",
    "req_final",
    1,
  ]),
  one("a proxy", ok(id("req_a")), done, { proxy: "pass" }),
  one("a proxy with an id of its own", ok(id("req_a")), ["completed", "resp_a", "req_proxy", 1], {
    proxy: "addFirst",
  }),
  one("a proxy that refuses", ok(id("req_a")), ["failed", null, "req_proxy", 0], {
    proxy: "refuse",
  }),
  streamId("missing", [], null),
  streamId("empty", id(""), ""),
  streamId("blank", id("   "), ""),
  streamId("two", [...id("req_one"), ...id("req_two")], "req_one"),
  streamId("two, the first empty", [...id(""), ...id("req_two")], ""),
  streamId("two, the first not ASCII", [...id("r\u00e9q"), ...id("req_two")], null),
  streamId("10 kB", id(long), long),
  streamId("latin-1", id("req_\u00e9"), null),
  streamId("UTF-8", id(latin1("req_日本")), null),
  streamId("another spelling", [["X-Request-Id", "req_upper"]], "req_upper"),
  streamId("only the other header", oai, null),
  streamId("both headers", [...oai, ...id("req_x")], "req_x"),
  streamId("a tab within", id("req\ta"), "req\ta"),
  streamId("spaces around", id("  req_a  "), "req_a"),
  one("a header that HTTP does not allow", ok(id("req\u007fa")), ["failed", null, null, 0]),
  refusalId("missing", [], null),
  refusalId("empty", id(""), ""),
  refusalId("two", [...id("req_one"), ...id("req_two")], "req_one"),
  refusalId("10 kB", id(long), long),
  refusalId("latin-1", id("req_\u00e9"), null),
  refusalId("another spelling", [["X-Request-Id", "req_upper"]], "req_upper"),
  refusalId("only the other header", oai, "req_oai"),
  refusalId("both headers", [...oai, ...id("req_x")], "req_x"),
  refusalId("empty, and the other header", [...id(""), ...oai], ""),
  refusalId("latin-1, and the other header", [...id("\u00e9"), ...oai], "req_oai"),
  refusalId("only cf-ray", [["cf-ray", "ray_1"]], null),
  refusalId("only cf-ray, of a 429", [["cf-ray", "ray_1"]], null, 429),
];
