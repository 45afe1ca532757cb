/** A message of JSON-RPC. */
export interface McpMessage {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly uri?: string;
    readonly cursor?: string;
    readonly protocolVersion?: string;
    readonly _meta?: { readonly progressToken?: unknown };
  };
  readonly result?: unknown;
}

/** Which tools and answers: `hostile` tries everything, `other` is a second well-behaved server. */
export type McpKind = "demo" | "other" | "names" | "hostile" | "stubborn";

export const TINY_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

export const LONG_NAME =
  "a_name_that_goes_on_and_on_until_it_is_longer_than_any_model_would_take_it_".repeat(2);

const readOnly = { annotations: { readOnlyHint: true } };
const noArguments = { type: "object", properties: {} };

/** Schemas as servers have them, some of them broken. */
const SCHEMAS: Readonly<Record<string, unknown>> = {
  exotic: {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "X",
    additionalProperties: false,
    required: ["i"],
    $defs: {
      p: { type: "object", properties: { q: { type: "integer", minimum: 1, default: 3 } } },
      unused: { type: "number" },
    },
    properties: {
      i: { type: "integer" },
      c: { const: 5 },
      e: { enum: ["a", "b"] },
      described: { description: "of no type" },
      t: true,
      list: { type: "array" },
      maybe: { type: ["string", "null"] },
      either: { anyOf: [{ type: "string" }, { type: "number", maximum: 3 }] },
      ref: { $ref: "#/$defs/p" },
      nested: { properties: { z: { type: "string", pattern: "^a", description: "kept" } } },
      map: { type: "object", additionalProperties: { minimum: 1 } },
    },
  },
  broken: { type: "object", properties: { a: null } },
  wrong: "no schema",
};

const TOOLS: Readonly<Record<McpKind, readonly unknown[]>> = {
  demo: [
    {
      name: "add",
      description: "Adds two numbers.",
      inputSchema: {
        type: "object",
        properties: { a: { type: "number" }, b: { type: "number" } },
        required: ["a", "b"],
      },
      ...readOnly,
    },
    ...[
      "fail",
      "picture",
      "bad-picture",
      "multi",
      "big",
      "refuse",
      "slow",
      "crash",
      "ask",
      "progress",
    ].map((name) => ({ name, description: name, inputSchema: noArguments, ...readOnly })),
    { name: "write", description: "Says nothing of itself.", inputSchema: noArguments },
    {
      name: "contained",
      inputSchema: noArguments,
      annotations: { destructiveHint: false, openWorldHint: false },
    },
    {
      name: "destroy",
      inputSchema: noArguments,
      annotations: { destructiveHint: true },
    },
    {
      name: "contradict",
      inputSchema: noArguments,
      annotations: { destructiveHint: true, readOnlyHint: true },
    },
  ],
  other: [
    {
      name: "two",
      inputSchema: noArguments,
      outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
      ...readOnly,
    },
    { name: "alpha", inputSchema: noArguments, ...readOnly },
  ],
  names: ["echo-it", "echo.it", "grüße", LONG_NAME, `${LONG_NAME}2`, "9x/y", ""].map((name) => ({
    name,
    inputSchema: noArguments,
    ...readOnly,
  })),
  hostile: [
    ...Object.entries(SCHEMAS).map(([name, inputSchema]) => ({ name, inputSchema, ...readOnly })),
    { name: 5, inputSchema: noArguments },
    "no tool",
    { name: "no-content", inputSchema: noArguments, ...readOnly },
    { name: "leak", inputSchema: noArguments, ...readOnly },
  ],
  stubborn: [{ name: "wait", inputSchema: noArguments, ...readOnly }],
};

const text = (value: string, more: object = {}): object => ({
  content: [{ type: "text", text: value }],
  ...more,
});

/** Answers of the person, by the id of the server's request. */
const asked = new Map<unknown, (answer: unknown) => void>();

export interface McpPeer {
  readonly send: (message: object) => void;
  readonly exit: () => void;
}

/** Sends what a server of this kind answers to a message. */
export async function answerMcp(kind: McpKind, message: McpMessage, peer: McpPeer): Promise<void> {
  const { id, method, params = {} } = message;
  if (method === undefined) {
    asked.get(id)?.(message.result);
    return;
  }
  const reply = (result: unknown): void => peer.send({ id, result });
  switch (method) {
    case "initialize":
      return reply({
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {}, resources: {} },
        serverInfo: { name: kind, version: "1.0.0" },
        ...(kind === "other" && { instructions: "Use it twice.\nThen stop." }),
      });
    case "tools/list":
      // In two pages, and the cursor of the last one leads nowhere new.
      return params.cursor === undefined && kind === "other"
        ? reply({ tools: TOOLS[kind].slice(0, 1), nextCursor: "2" })
        : reply({
            tools: kind === "other" ? TOOLS[kind].slice(1) : TOOLS[kind],
            ...(kind === "other" && { nextCursor: "2" }),
          });
    case "tools/call":
      return callTool(message, peer);
    case "resources/list":
      return reply({ resources: [{ uri: "file:///a", name: "a", mimeType: "text/plain" }] });
    case "resources/templates/list":
      return reply({ resourceTemplates: [{ uriTemplate: "file:///{n}", name: "t" }] });
    case "resources/read":
      return params.uri === "file:///a"
        ? reply({ contents: [{ uri: params.uri, mimeType: "text/plain", text: "AAA" }] })
        : peer.send({ id, error: { code: -32_002, message: "no such resource" } });
    default:
      if (id !== undefined) reply({});
  }
}

async function callTool({ id, params = {} }: McpMessage, peer: McpPeer): Promise<void> {
  const { name = "", arguments: args = {} } = params;
  const reply = (result: unknown): void => peer.send({ id, result });
  switch (name) {
    case "add": {
      const sum = Number(args["a"]) + Number(args["b"]);
      return reply(text(String(sum), { structuredContent: { sum } }));
    }
    case "fail":
      return reply(text(`failed: ${String(args["why"])}`, { isError: true }));
    case "picture":
      return reply({
        content: [
          { type: "text", text: "a dot" },
          { type: "image", data: TINY_PNG, mimeType: "image/png" },
        ],
      });
    case "bad-picture":
      return reply({ content: [{ type: "image", data: "AAAA", mimeType: "image/png" }] });
    case "multi":
      return reply({
        content: [
          { type: "text", text: "one", annotations: { audience: ["user"] } },
          { type: "resource", resource: { uri: "file:///x", text: "body" } },
          { type: "audio", data: "AAAA", mimeType: "audio/wav" },
        ],
        _meta: { k: 1 },
      });
    case "big":
      return reply(text("x".repeat(30_000)));
    case "refuse":
      return peer.send({ id, error: { code: -32_602, message: "not today", data: { x: 1 } } });
    case "slow":
      setTimeout(() => reply(text("slept")), Number(args["ms"] ?? 60_000));
      return;
    case "crash":
      return peer.exit();
    case "ask": {
      const answer = Promise.withResolvers<unknown>();
      asked.set("ask-1", answer.resolve);
      peer.send({
        id: "ask-1",
        method: "elicitation/create",
        params: {
          message: "Your name?",
          requestedSchema: {
            type: "object",
            properties: { name: { type: "string" } },
            required: ["name"],
          },
        },
      });
      return reply(text(JSON.stringify(await answer.promise)));
    }
    case "progress": {
      const { _meta: { progressToken } = {} } = params;
      peer.send({
        method: "notifications/progress",
        params: { progressToken, progress: 1, total: 2 },
      });
      return reply(text("done"));
    }
    case "no-content":
      return reply({ nothing: true });
    case "leak":
      return peer.send({
        id,
        error: { code: -1, message: `you sent ${process.env["MCP_SECRET"] ?? ""}` },
      });
    default:
      return reply(text(`ran ${name}`));
  }
}
