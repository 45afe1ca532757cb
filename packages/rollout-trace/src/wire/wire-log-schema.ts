/** As much of JSON Schema as describes a wire log. */
export interface Schema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "boolean" | readonly string[];
  readonly const?: string | number;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

type Members = { readonly [name: string]: Schema };

const text: Schema = { type: "string", maxLength: 2048 };
const textOrNull: Schema = { type: ["string", "null"], maxLength: 2048 };
const count: Schema = { type: "integer", minimum: 0 };
const countOrNull: Schema = { type: ["integer", "null"], minimum: 0 };
const flag: Schema = { type: "boolean" };
const transport: Schema = { enum: ["http", "websocket"] };

/** A member whose name ends with `?` may be left out. */
function object(members: Members, description?: string): Schema {
  const names = Object.keys(members);
  return {
    type: "object",
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(
      Object.entries(members).map(([name, schema]) => [name.replace("?", ""), schema]),
    ),
    required: names.filter((name) => !name.endsWith("?")),
  };
}

const headers: Schema = {
  type: "array",
  maxItems: 100,
  items: {
    type: "array",
    minItems: 2,
    maxItems: 2,
    prefixItems: [text, textOrNull],
  },
};

const requestIds = object({ "x_request_id?": text, "x_oai_request_id?": text, "cf_ray?": text });

const close = object({
  code: count,
  "reason?": text,
  by: { enum: ["server", "client", "network"] },
  clean: flag,
});

const times = object(
  {
    credentials: countOrNull,
    connected: countOrNull,
    sent: countOrNull,
    responded: countOrNull,
    first_byte: countOrNull,
    first_event: countOrNull,
    first_output: countOrNull,
    last_event: countOrNull,
    ended: count,
  },
  "Microseconds since queueing; null: not reached.",
);

const ofAttempt: Members = {
  attempt_id: text,
  request_kind: text,
  "thread_id?": text,
  "turn_id?": text,
  "inference_call_id?": text,
  "compaction_request_id?": text,
};

/** About a request, but not about one attempt. */
const ofRequest: Members = Object.fromEntries(
  Object.entries(ofAttempt).map(([name, schema]) => [
    name.endsWith("?") ? name : `${name}?`,
    schema,
  ]),
);

const ofConnection: Members = { "connection_id?": text, "position?": { ...count, minimum: 1 } };

function record(type: string, description: string, members: Members): Schema {
  return object(
    {
      seq: { type: "integer", minimum: 1 },
      at_ms: count,
      type: { const: type },
      "cut?": flag,
      ...members,
    },
    description,
  );
}

const RECORDS: readonly Schema[] = [
  record("wire_opened", "The first line.", {
    wire_version: { type: "integer", minimum: 1 },
    trace_id: text,
    rollout_id: text,
    bundle_schema: count,
    writer: object({ name: text, version: text, node: text }),
    policy: object({ headers: text, bodies: text }),
  }),
  record("connection_opened", "A WebSocket upgrade was accepted.", {
    connection_id: text,
    attempt_id: text,
    url: text,
    request_ids: requestIds,
    extensions: text,
    proxy: flag,
  }),
  record("connection_closed", "A WebSocket is gone.", {
    connection_id: text,
    close,
    requests: count,
    age_ms: count,
    idle_ms: count,
  }),
  record("attempt_started", "A request is about to be sent.", {
    ...ofAttempt,
    transport,
    endpoint: text,
    attempt_number: count,
    method: text,
    url: text,
    queued_at_ms: count,
    request: object({
      bytes: count,
      "body_bytes?": count,
      "encoding?": { enum: ["identity", "zstd"] },
      "body_sha256?": text,
      "previous_response_id?": text,
      "input_items?": count,
      "generate?": flag,
      headers,
    }),
    ...ofConnection,
  }),
  record("attempt_responded", "The headers of the final response are there.", {
    ...ofAttempt,
    status: count,
    request_ids: requestIds,
    headers,
    t: object({ responded: count }),
  }),
  record("stall", "An open stream has had no event for a while.", {
    ...ofAttempt,
    gap_ms: count,
    after_event: textOrNull,
    events: count,
  }),
  record("attempt_ended", "Exactly once per attempt that started.", {
    ...ofAttempt,
    outcome: { enum: ["completed", "failed", "cancelled"] },
    "status?": count,
    "request_ids?": requestIds,
    "response_id?": text,
    ...ofConnection,
    "reused?": flag,
    redirects: count,
    t: times,
    response_bytes: count,
    events: count,
    max_gap_us: count,
    max_gap_after: textOrNull,
    stalls: count,
    "timeout?": { enum: ["connect", "first_event", "idle"] },
    "close?": close,
    "error?": object({
      code: text,
      "reason?": text,
      "os_code?": text,
      "status?": count,
      "server_code?": text,
      message: { type: "string", maxLength: 500 },
    }),
    retry: object({ will_retry: flag, reason: text }),
  }),
  record("retry_scheduled", "It is to be sent again.", {
    ...ofRequest,
    by: { enum: ["transport", "turn"] },
    "after_attempt_id?": text,
    delay_ms: count,
    delay_source: { enum: ["backoff", "retry_after"] },
    reason: text,
    number: count,
    of: count,
  }),
  record("auth", "A refused login was renewed, or could not be.", {
    ...ofRequest,
    step: { enum: ["refresh", "reload", "external"] },
    outcome: { enum: ["ok", "adopted", "refused", "failed"] },
    "status?": count,
    "code?": text,
    duration_ms: count,
    "caused_by_attempt_id?": text,
  }),
  record("transport_switched", "Requests take another transport from now on.", {
    ...ofRequest,
    from: transport,
    to: transport,
    cause: {
      enum: ["upgrade_426", "retries_used_up", "setting", "unreachable", "not_sendable"],
    },
  }),
  record("frames", "Times and sizes of events, without their content.", {
    ...ofAttempt,
    names: { type: "array", maxItems: 64, items: text },
    from_us: count,
    rows: {
      type: "array",
      maxItems: 256,
      items: {
        type: "array",
        minItems: 4,
        maxItems: 4,
        prefixItems: [count, { enum: [0, 1] }, count, { type: "integer", minimum: -1 }],
      },
    },
  }),
  record("wire_closed", "The last line of a log that was ended in order.", {
    reason: { enum: ["completed", "size_limit"] },
    records: count,
    dropped: count,
  }),
];

/** Schema of one line of `wire.jsonl`. Members beyond it are allowed: readers ignore what they do not know. */
export const WIRE_LOG_SCHEMA: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "One line of wire.jsonl",
  description:
    "Wire log of a codex-ts trace bundle, version 1. Sizes are bytes, at_ms and queued_at_ms Unix milliseconds.",
  oneOf: RECORDS,
};

/** The schema of the records of one type; `undefined` for a type that is not known. */
export function recordSchema(type: string): Schema | undefined {
  return BY_TYPE.get(type);
}

const BY_TYPE: ReadonlyMap<string, Schema> = new Map(
  RECORDS.map((schema) => [String(schema.properties?.["type"]?.const), schema]),
);
