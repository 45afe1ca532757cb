/** What a server may put a text into. `text` is already encoded. */
export interface ResponseField {
  readonly name: string;
  readonly transport: "http" | "websocket" | "connect";
  /** Bytes of a response over HTTP or of a refused handshake or tunnel; messages of a WebSocket. */
  readonly reply: (text: string) => Reply;
  /** The encodings that reach a decoder there. Default: all. */
  readonly encodings?: readonly string[];
  /** It is dropped, so that not even a trace of it is to be seen. */
  readonly isUnseen?: boolean;
}

export type Reply =
  | {
      readonly bytes: string;
      /** A proxy that opens its tunnel first. */
      readonly opensTunnel?: boolean;
    }
  | {
      readonly handshakeHeaders?: string;
      readonly messages?: readonly string[];
      readonly close?: string;
    };

const COMPLETED = `data: {"type":"response.completed","response":{"id":"resp_1"}}\n\n`;

function http(
  status: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): { readonly bytes: string } {
  const lines = Object.entries({
    "content-type": "application/json",
    ...headers,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return { bytes: `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}` };
}

function sse(
  body: string,
  headers: Readonly<Record<string, string>> = {},
): { readonly bytes: string } {
  return http("200 OK", body, { "content-type": "text/event-stream", ...headers });
}

const message = (text: string): string => `{"error":{"message":"bad key ${text}","code":"x"}}`;
const failed = (error: string): string =>
  `{"type":"response.failed","response":{"id":"resp_1","error":${error}}}`;
const HEADER_FORMS = [
  "plain",
  "percent",
  "base64",
  "base64 of json",
  "hexadecimal",
  "upper case",
  "reversed",
];

/** Bodies of a refusal. */
const bodies: readonly (readonly [name: string, reply: (text: string) => Reply])[] = [
  ["400 message", (text) => http("400 Bad", message(text))],
  ["401 message", (text) => http("401 No", message(text))],
  ["403 detail", (text) => http("403 No", `{"detail":[{"msg":"bad ${text}"}]}`)],
  ["404 page", (text) => http("404 No", `<html><title>no ${text}</title></html>`)],
  ["418 text", (text) => http("418 No", `the key ${text} is odd`)],
  ["500 message", (text) => http("500 No", message(text))],
  ["503 code", (text) => http("503 No", `{"error":{"code":"${text}","message":"no"}}`)],
  ["400 code", (text) => http("400 No", `{"error":{"code":"invalid_prompt","message":"${text}"}}`)],
  [
    "429 limit",
    (text) =>
      http("429 No", `{"error":{"type":"usage_limit_reached","plan_type":"${text}"}}`, {
        "x-codex-active-limit": "codex_other",
      }),
  ],
  [
    "long body",
    (text) =>
      http("418 No", `{"error":{"message":"${"x ".repeat(478)}${text}${"y".repeat(900)}"}}`),
  ],
];

/** Headers of a refusal. */
const refusalHeaders = [
  "x-request-id",
  "x-oai-request-id",
  "cf-ray",
  "x-openai-authorization-error",
  "x-error-json",
  "x-echo",
  "server",
  "location",
  "content-type",
  "retry-after",
];

/** Headers of a stream. */
const streamHeaders = [
  "x-request-id",
  "openai-model",
  "x-models-etag",
  "x-codex-turn-state",
  "x-codex-limit-name",
  "x-echo",
];

/** Events that are no items of the model. */
const events: readonly (readonly [name: string, event: (text: string) => string])[] = [
  ["failed message", (text) => failed(`{"code":"x","message":"bad ${text}"}`)],
  ["failed code", (text) => failed(`{"code":"${text}","message":"bad"}`)],
  ["failed final", (text) => failed(`{"code":"invalid_prompt","message":"bad ${text}"}`)],
  ["failed policy", (text) => failed(`{"code":"bio_policy","message":"bad ${text}"}`)],
  ["failed limit", (text) => failed(`{"code":"rate_limit_exceeded","message":"${text}"}`)],
  ["failed otherwise", (text) => failed(`{"code":7,"detail":"bad ${text}"}`)],
  [
    "incomplete",
    (text) =>
      `{"type":"response.incomplete","response":{"incomplete_details":{"reason":"${text}"}}}`,
  ],
  ["error", (text) => `{"type":"error","error":{"message":"bad ${text}"}}`],
  ["gateway error", (text) => `{"error":{"message":"bad ${text}"}}`],
  ["response id", (text) => `{"type":"response.created","response":{"id":"resp_${text}"}}`],
  ["unknown event", (text) => `{"type":"response.odd","note":"${text}"}`],
  ["unknown type", (text) => `{"type":"${text}"}`],
  ["no event", (text) => `it is ${text}`],
  ["completed id", (text) => `{"type":"response.completed","response":{"id":"resp_${text}"}}`],
  [
    "served model",
    (text) => `{"type":"response.created","response":{"headers":{"OpenAI-Model":"${text}"}}}`,
  ],
  [
    "moderation",
    (text) =>
      `{"type":"response.metadata","metadata":{"openai_chatgpt_moderation_metadata":{"a":"${text}"}}}`,
  ],
  [
    "item that is none",
    (text) =>
      `{"type":"response.completed","response":{"id":"resp_1","output":[{"type":"compaction","k":"${text}"}]}}`,
  ],
];

export const FIELDS: readonly ResponseField[] = [
  ...bodies.map(([name, reply]) => ({ name, transport: "http" as const, reply })),
  ...refusalHeaders.map((header): ResponseField => ({
    name: `refusal header ${header}`,
    transport: "http",
    encodings: HEADER_FORMS,
    reply: (text) => http("403 No", "{}", { [header]: header === "location" ? `/${text}` : text }),
  })),
  {
    name: "reason phrase",
    transport: "http",
    encodings: HEADER_FORMS,
    isUnseen: true,
    reply: (text) => http(`403 ${text}`, "{}"),
  },
  {
    name: "broken head",
    transport: "http",
    encodings: ["plain"],
    isUnseen: true,
    reply: (text) => ({ bytes: `HTTP/1.1 ${text}\r\n${text}\r\n\r\n` }),
  },
  {
    name: "redirect",
    transport: "http",
    encodings: ["plain", "percent", "base64"],
    reply: (text) => http("307 Go", "", { location: `http://127.0.0.1:1/${text}?a=${text}` }),
  },
  ...streamHeaders.map((header): ResponseField => ({
    name: `stream header ${header}`,
    transport: "http",
    encodings: HEADER_FORMS,
    reply: (text) => sse(COMPLETED, { [header]: text }),
  })),
  ...events.map(([name, event]): ResponseField => ({
    name: `stream ${name}`,
    transport: "http",
    reply: (text) => sse(`data: ${event(text)}\n\n`),
  })),
  {
    name: "stream event name",
    transport: "http",
    encodings: HEADER_FORMS,
    reply: (text) => sse(`event: ${text}\n${COMPLETED}`),
  },
  {
    name: "body in place of a stream",
    transport: "http",
    reply: (text) => http("200 OK", `<html><p>log in with ${text}</p></html>`),
  },
  ...bodies.slice(1, 5).map(([name, reply]): ResponseField => ({
    name: `handshake ${name}`,
    transport: "websocket",
    reply,
  })),
  ...["x-request-id", "cf-ray", "openai-model", "x-models-etag", "x-codex-turn-state"].map(
    (header): ResponseField => ({
      name: `handshake header ${header}`,
      transport: "websocket",
      encodings: HEADER_FORMS,
      reply: (text) => ({ handshakeHeaders: `${header}: ${text}\r\n`, close: "over" }),
    }),
  ),
  ...events.map(([name, event]): ResponseField => ({
    name: `message ${name}`,
    transport: "websocket",
    reply: (text) => ({ messages: [event(text)], close: "over" }),
  })),
  {
    name: "message wrapped error",
    transport: "websocket",
    reply: (text) => ({
      messages: [
        `{"type":"error","status":401,"headers":{"x-request-id":"${text}"},"error":{"message":"bad ${text}"}}`,
      ],
      // For spellings that make it no JSON.
      close: "over",
    }),
  },
  {
    name: "message connection limit",
    transport: "websocket",
    reply: (text) => ({
      messages: [
        `{"type":"error","error":{"code":"websocket_connection_limit_reached","message":"${text}"}}`,
      ],
      close: "over",
    }),
  },
  {
    name: "message rate limits",
    transport: "websocket",
    reply: (text) => ({
      messages: [
        `{"type":"codex.rate_limits","limit_name":"${text}","plan_type":"${text}","credits":{"has_credits":true,"unlimited":false,"balance":"${text}"}}`,
      ],
      close: "over",
    }),
  },
  {
    name: "close reason",
    transport: "websocket",
    encodings: ["plain", "base64", "hexadecimal", "upper case"],
    reply: (text) => ({ close: text }),
  },
  {
    name: "close reason cut by its length",
    transport: "websocket",
    encodings: ["plain"],
    reply: (text) => ({ close: `${"x".repeat(105)} ${text}` }),
  },
  {
    name: "tunnel refused",
    transport: "connect",
    isUnseen: true,
    reply: (text) => ({
      bytes: `HTTP/1.1 403 ${text.slice(0, 60)}\r\nx-echo: ${text}\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    }),
  },
  {
    name: "tunnel to a refusal",
    transport: "connect",
    encodings: ["plain", "json", "base64"],
    reply: (text) => ({ ...http("403 No", message(text)), opensTunnel: true }),
  },
];
