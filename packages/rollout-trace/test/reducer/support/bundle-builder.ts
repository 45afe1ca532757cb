import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  TraceReadError,
  TraceReducer,
  memoryBundle,
  reduceBundle,
} from "@codex-ts/rollout-trace/reducer";
import type {
  BundleFiles,
  ConversationItem,
  ReducedBundle,
  ReducedTrace,
} from "@codex-ts/rollout-trace/reducer";
import type { PayloadKind, PayloadReference, RawTraceEvent } from "@codex-ts/rollout-trace";
import { nodeZstdDecoder } from "../../../src/reader/shards/node-zstd.ts";
import { shardBytes } from "../../support/shards.ts";

export type Schema = 1 | 2 | 3;

const zstd = nodeZstdDecoder;

export const THREAD = "01a1fa2c-0000-7000-8000-000000000001";
export const CHILD = "01a1fa2c-0000-7000-8000-000000000002";
export const TURN = "turn-1";
export const CHILD_TURN = "turn-child";

type Json = unknown;

const NO_ID: string | null = null;
const NOTHING: Json = undefined;

interface Place {
  readonly thread?: string | null;
  readonly turn?: string | null;
  /** Overrides the clock, which moves 10 ms per event. */
  readonly at?: number;
}

/**
 * Builds a small bundle in memory: a rollout with a root thread and a turn, and then what the test adds. Every way of
 * reading it has to agree, so each fixture checks all of them.
 */
export class BundleBuilder {
  readonly schema: Schema;
  readonly events: { [member: string]: Json }[] = [];
  /** Schema 1 and 2: the payload files. */
  readonly payloads: { [path: string]: string } = {};
  /** Schema 3: the records, all in shard 1. */
  readonly records: [id: string, body: string][] = [];
  #payloadCount = 0;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  payload(kind: PayloadKind, body: Json): PayloadReference {
    return this.payloadText(kind, JSON.stringify(body, null, this.schema === 3 ? 0 : 2));
  }

  /** Schema 3: a payload of parts, given as the text around them. */
  assembled(
    kind: PayloadKind,
    fragments: readonly string[],
    parts: readonly PayloadReference[],
  ): PayloadReference {
    return { ...this.payload(kind, fragments), parts };
  }

  /** Schema 3: a payload that was not kept, or only so many bytes of it. */
  lost(kind: PayloadKind, retained?: string): PayloadReference {
    const reference = this.payloadText(kind, retained ?? "");
    if (retained === undefined) {
      this.records.pop();
      return { ...reference, shard: null, capture: { status: "omitted", original_bytes: 9000 } };
    }
    const retained_bytes = Buffer.byteLength(retained);
    const capture = { status: "truncated", original_bytes: 9000, retained_bytes } as const;
    return { ...reference, capture };
  }

  /** The payload itself, or one with this body. */
  #reference(kind: PayloadKind, body: Json): Json {
    const isReference = typeof body === "object" && body !== null && "raw_payload_id" in body;
    return isReference ? body : this.payload(kind, body);
  }

  /** A payload whose text matters: key order, number text, damage. */
  payloadText(kind: PayloadKind, text: string): PayloadReference {
    this.#payloadCount += 1;
    const reference = { raw_payload_id: `raw_payload:${this.#payloadCount}`, kind: { type: kind } };
    if (this.schema === 3) {
      this.records.push([reference.raw_payload_id, text]);
      return { ...reference, shard: 1 };
    }
    const path = `payloads/${this.#payloadCount}.json`;
    this.payloads[path] = text;
    return { ...reference, path };
  }

  event(type: string, members: { [member: string]: Json } = {}, place: Place = {}): this {
    const seq = this.events.length + 1;
    this.events.push({
      schema_version: this.schema,
      seq,
      wall_time_unix_ms: place.at ?? 1000 + seq * 10,
      rollout_id: "rollout-1",
      thread_id: place.thread === undefined ? THREAD : place.thread,
      codex_turn_id: place.turn === undefined ? TURN : place.turn,
      payload: { type, ...members },
    });
    return this;
  }

  /** Number of the last event. */
  get seq(): number {
    return this.events.length;
  }

  thread(id: string, path: string, metadata?: Json): this {
    const reference = metadata === undefined ? null : this.payload("session_metadata", metadata);
    const members = { thread_id: id, agent_path: path, metadata_payload: reference };
    return this.event("thread_started", members, { thread: null, turn: null });
  }

  turn(id: string, thread = THREAD): this {
    return this.event(
      "codex_turn_started",
      { codex_turn_id: id, thread_id: thread },
      { thread, turn: id },
    );
  }

  endTurn(status: string, id = TURN, place: Place = {}): this {
    return this.event("codex_turn_ended", { codex_turn_id: id, status }, place);
  }

  /** A request; `input` may be the text of a whole payload, or a payload. */
  request(
    call: string,
    input: readonly Json[] | string | PayloadReference,
    extra: { [member: string]: Json } = {},
    place: Place = {},
    event: { [member: string]: Json } = {},
  ): this {
    const reference = this.#requestPayload(input, extra);
    const thread = place.thread ?? THREAD;
    const turn = place.turn ?? TURN;
    return this.event(
      "inference_started",
      {
        inference_call_id: call,
        thread_id: thread,
        codex_turn_id: turn,
        model: "m",
        provider_name: "p",
        request_payload: reference,
        ...(this.schema === 3
          ? { prepared_prompt_payload: this.payload("prepared_prompt", {}), ...event }
          : {}),
      },
      { thread, turn, ...(place.at === undefined ? {} : { at: place.at }) },
    );
  }

  #requestPayload(
    input: readonly Json[] | string | PayloadReference,
    extra: { [member: string]: Json },
  ): PayloadReference {
    if (typeof input === "string") return this.payloadText("inference_request", input);
    if ("raw_payload_id" in input) return input;
    return this.payload("inference_request", { model: "m", input, ...extra });
  }

  response(
    call: string,
    items: readonly Json[] | string,
    { responseId = `resp-${call}`, upstream = NO_ID, usage = NOTHING } = {},
    place: Place = {},
  ): this {
    const text = typeof items === "string" ? items : undefined;
    const body = {
      response_id: responseId,
      upstream_request_id: upstream,
      token_usage: usage ?? null,
      output_items: items,
    };
    return this.event(
      "inference_completed",
      {
        inference_call_id: call,
        response_id: responseId,
        upstream_request_id: upstream,
        response_payload:
          text === undefined
            ? this.payload("inference_response", body)
            : this.payloadText("inference_response", text),
      },
      place,
    );
  }

  /** A failed or cancelled end with what had arrived. */
  cutShort(
    how: "failed" | "cancelled",
    call: string,
    items?: readonly Json[],
    upstream: string | null = null,
  ): this {
    const partial =
      items === undefined
        ? null
        : this.payload("inference_response", {
            response_id: null,
            token_usage: null,
            output_items: items,
          });
    return this.event(`inference_${how}`, {
      inference_call_id: call,
      upstream_request_id: upstream,
      ...(how === "failed" ? { error: "broke" } : { reason: "dropped" }),
      partial_response_payload: partial,
    });
  }

  accept(itemId: string, agentMessage?: Json, place: Place = {}): this {
    const reference =
      agentMessage === undefined
        ? {}
        : { agent_message_payload: this.payload("protocol_event", agentMessage) };
    return this.event("history_item_accepted", { item_id: itemId, ...reference }, place);
  }

  /** Schema 3: the output of a tool enters history. */
  acceptOutput(itemId: string, output: Json, place: Place = {}): this {
    const tool_output_payload = this.#reference("protocol_event", output);
    return this.event("history_item_accepted", { item_id: itemId, tool_output_payload }, place);
  }

  tool(
    id: string,
    kind: Json,
    options: {
      readonly call?: string | null;
      readonly invocation?: Json;
      readonly cell?: string;
      readonly place?: Place;
    } = {},
  ): this {
    const { call = id, invocation: invoked, cell, place = {} } = options;
    return this.event(
      "tool_call_started",
      {
        tool_call_id: id,
        model_visible_call_id: call,
        code_mode_runtime_tool_id: cell === undefined ? null : id,
        requester:
          cell === undefined ? { type: "model" } : { type: "code_cell", runtime_cell_id: cell },
        kind: typeof kind === "string" ? { type: kind } : kind,
        summary: { type: "generic", label: id, input_preview: null, output_preview: null },
        invocation_payload:
          invoked === undefined ? null : this.#reference("tool_invocation", invoked),
      },
      place,
    );
  }

  runtimeStart(id: string, body: Json, kind: Json = "exec_command", place: Place = {}): this {
    return this.event(
      "tool_call_runtime_started",
      {
        tool_call_id: id,
        ...(this.schema !== 1 ? { kind: typeof kind === "string" ? { type: kind } : kind } : {}),
        runtime_payload: this.payload("tool_runtime_event", body),
      },
      place,
    );
  }

  runtimeEnd(id: string, body: Json, status = "completed", place: Place = {}): this {
    return this.event(
      "tool_call_runtime_ended",
      { tool_call_id: id, status, runtime_payload: this.payload("tool_runtime_event", body) },
      place,
    );
  }

  toolEnd(id: string, result?: Json, status = "completed", place: Place = {}): this {
    return this.event(
      "tool_call_ended",
      {
        tool_call_id: id,
        status,
        result_payload: result === undefined ? null : this.payload("tool_result", result),
      },
      place,
    );
  }

  /** The log as text. */
  get log(): string {
    return this.events.map((event) => `${JSON.stringify(event)}\n`).join("");
  }

  get manifest(): { readonly [member: string]: Json } {
    return {
      schema_version: this.schema,
      trace_id: "trace-1",
      rollout_id: "rollout-1",
      root_thread_id: THREAD,
      started_at_unix_ms: 1000,
      raw_event_log: "trace.jsonl",
      payloads_dir: "payloads",
    };
  }

  /** Schema 3: the only shard. */
  get shard(): Uint8Array {
    return shardBytes(this.records);
  }

  files(log = this.log): BundleFiles {
    const shards = this.records.length === 0 ? {} : { "payloads/000001.zst": this.shard };
    return {
      "manifest.json": JSON.stringify(this.manifest),
      "trace.jsonl": log,
      ...this.payloads,
      ...shards,
    };
  }

  /** The strict state, after checking that every other way of reading gives the same. */
  async state(): Promise<ReducedTrace> {
    const source = memoryBundle(this.files());
    const { state } = await reduceBundle(source, { mode: "strict", zstd });
    const tolerant = await reduceBundle(source, { zstd });
    deepStrictEqual(tolerant, { state, diagnostics: [] });
    deepStrictEqual((await reduceBundle(source, { fullParse: true, zstd })).state, state);
    deepStrictEqual(this.incrementalState(), state);
    return state;
  }

  /** The state of a reducer that was given the events one by one. */
  incrementalState(count = this.events.length): ReducedTrace {
    const reducer = new TraceReducer({ manifest: this.manifest, mode: "strict" });
    const encoder = new TextEncoder();
    for (const event of this.events.slice(0, count)) {
      reducer.push(event as unknown as RawTraceEvent, (path, { raw_payload_id: id }) => {
        const record = this.records.find(([recordId]) => recordId === id)?.[1];
        return encoder.encode(this.schema === 3 ? record : this.payloads[path]);
      });
    }
    return reducer.state();
  }

  /** Why strict reading refuses, after checking that tolerant reading goes on and says so. */
  async refusal(log = this.log): Promise<TraceReadError> {
    const source = memoryBundle(this.files(log));
    const [fast, full] = await Promise.all(
      [false, true].map((fullParse) =>
        refusalOf(reduceBundle(source, { mode: "strict", fullParse, zstd })),
      ),
    );
    strictEqual(full?.message, fast?.message);
    const tolerant = await this.tolerant(log);
    ok(tolerant.diagnostics.some((each) => each.code === fast?.code));
    return fast as TraceReadError;
  }

  /** `reduces`, or why strict reading refuses. */
  async verdict(): Promise<string> {
    const source = memoryBundle(this.files());
    const strict = await reduceBundle(source, { mode: "strict", zstd }).catch(() => undefined);
    if (strict === undefined) return (await this.refusal()).code;
    deepStrictEqual((await reduceBundle(source, { zstd })).state, strict.state);
    return "reduces";
  }

  /** What tolerant reading gives, after checking that full parsing gives the same. */
  async tolerant(log = this.log): Promise<ReducedBundle> {
    const source = memoryBundle(this.files(log));
    const reduced = await reduceBundle(source, { zstd });
    deepStrictEqual(await reduceBundle(source, { fullParse: true, zstd }), reduced);
    return reduced;
  }
}

async function refusalOf(reduction: Promise<unknown>): Promise<TraceReadError> {
  const error = await reduction.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  ok(error instanceof TraceReadError, String(error));
  return error;
}

/** A bundle with a root thread at `/root` and one turn. */
export function bundle(schema: Schema = 2): BundleBuilder {
  return emptyBundle(schema)
    .event(
      "rollout_started",
      { trace_id: "trace-1", root_thread_id: THREAD },
      { thread: null, turn: null },
    )
    .thread(THREAD, "/root")
    .turn(TURN);
}

export function emptyBundle(schema: Schema = 2): BundleBuilder {
  return new BundleBuilder(schema);
}

/** The same with a child agent at `/root/helper` and a turn of it. */
export function family(schema: Schema = 2): BundleBuilder {
  return bundle(schema).thread(CHILD, "/root/helper").turn(CHILD_TURN, CHILD);
}

export const inChild: Place = { thread: CHILD, turn: CHILD_TURN };

export function message(role: string, text: string, extra: object = {}): object {
  const type = role === "assistant" ? "output_text" : "input_text";
  return { type: "message", role, content: [{ type, text }], ...extra };
}

export function functionCall(call: string, args: string, name = "exec_command"): object {
  return { type: "function_call", name, arguments: args, call_id: call };
}

export function functionOutput(call: string, output: Json): object {
  return { type: "function_call_output", call_id: call, output };
}

export function execItem(call: string, source: string): object {
  return { type: "custom_tool_call", name: "exec", input: source, call_id: call };
}

export function customOutput(call: string, output: Json): object {
  return { type: "custom_tool_call_output", call_id: call, output };
}

export function invocation(tool: string, args: Json, extra: object = {}): object {
  return {
    tool_name: tool,
    tool_namespace: null,
    payload: {
      type: "function",
      arguments: typeof args === "string" ? args : JSON.stringify(args),
    },
    ...extra,
  };
}

/** Request ids of a call without the common beginning: `[1, 2]`. */
export function requestItems(state: ReducedTrace, call: string): number[] {
  return (state.inference_calls[call]?.request_item_ids ?? []).map(numberOf);
}

export function responseItems(state: ReducedTrace, call: string): number[] {
  return (state.inference_calls[call]?.response_item_ids ?? []).map(numberOf);
}

export function conversation(state: ReducedTrace, thread = THREAD): number[] {
  return (state.threads[thread]?.conversation_item_ids ?? []).map(numberOf);
}

export function numberOf(itemId: string): number {
  return Number(itemId.split(":")[1]);
}

export function item(state: ReducedTrace, number: number): ConversationItem {
  const found = state.conversation_items[`conversation_item:${number}`];
  if (found === undefined) throw new Error(`no item ${number}`);
  return found;
}
