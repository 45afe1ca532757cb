import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";

type Schema = 1 | 2 | 3;

export interface GenerateBundleOptions {
  /** Number of model requests. */
  readonly requests: number;
  readonly schema: Schema;
  readonly seed: number;
  /**
   * Share of texts with letters beyond ASCII, 0 to 1. Default: one in eight. JavaScript keeps and prints such a text in
   * two bytes a character; of the recorded bundles 14 in 4,150 payloads have one.
   */
  readonly wide?: number;
}

const REQUESTS_PER_TURN = 10;
const TOOLS_BYTES = 20_000;
const INSTRUCTIONS_BYTES = 12_000;
const OUTPUT_BYTES = 1150;
const THREAD = "01a1fa2c-169a-70b3-b017-99500ac40a5c";

/** mulberry32: the same seed gives the same bundle on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Writes the bundle of a long session with one command per request, in the form Codex gives it: every request repeats
 * the whole history, tools stay, and the members of the metadata come in another order each time. 400 requests make
 * about 155 MB, 1000 about 950 MB. Gives the number of bytes in payloads, before any compression.
 */
export function generateBundle(directory: string, options: GenerateBundleOptions): number {
  const bundle = new BundleWriter(directory, options);
  bundle.write("rollout_started", { trace_id: "trace-bench", root_thread_id: THREAD }, false);
  bundle.write(
    "thread_started",
    {
      thread_id: THREAD,
      agent_path: "/root",
      metadata_payload: bundle.payload("session_metadata", {
        thread_id: THREAD,
        agent_path: "/root",
        session_source: "exec",
        cwd: "/workspace",
        model: "gpt-bench",
        provider_name: "bench",
        approval_policy: "never",
        sandbox_policy: "danger-full-access",
      }),
    },
    false,
  );
  const session = new Session(bundle, options);
  for (let request = 0; request < options.requests; request += 1) session.round(request);
  session.end();
  return bundle.close();
}

/** The history of one session and the events that tell it. */
class Session {
  readonly #bundle: BundleWriter;
  readonly #random: () => number;
  readonly #schema: Schema;
  readonly #wide: number;
  readonly #input: unknown[] = [];
  readonly #tools: string;
  readonly #instructions: string;
  /** Schema 3: the items that have a payload of their own. */
  readonly #prompted: object[] = [];
  #isTurnOpen = false;

  constructor(bundle: BundleWriter, { schema, seed, wide = 1 / 8 }: GenerateBundleOptions) {
    this.#bundle = bundle;
    this.#schema = schema;
    this.#wide = wide;
    this.#random = randomFrom(seed);
    this.#tools = JSON.stringify(
      Array.from({ length: 20 }, (_, index) => ({
        type: "function",
        name: `tool_${index}`,
        description: this.#words(TOOLS_BYTES / 20 - 150),
        parameters: { type: "object", properties: { cmd: { type: "string" } }, required: ["cmd"] },
      })),
    );
    this.#instructions = this.#words(INSTRUCTIONS_BYTES);
    this.#input.push(this.#message("developer", this.#words(2000)));
  }

  /** One request, its response with a command to run, and the command. */
  round(request: number): void {
    if (request % REQUESTS_PER_TURN === 0) this.#startTurn();
    const callId = this.#id("call");
    const inferenceId = this.#id("inference");
    const common = { thread_id: THREAD, codex_turn_id: this.#bundle.turnId };
    this.#bundle.write("inference_started", {
      inference_call_id: inferenceId,
      ...common,
      model: "gpt-bench",
      provider_name: "bench",
      request_payload: this.#bundle.payload("inference_request", this.#request()),
      ...(this.#schema === 3 ? { prepared_prompt_payload: this.#preparedPrompt() } : {}),
    });
    const command = this.#words(150);
    const call = {
      type: "function_call",
      ...this.#itemId("fc"),
      name: "exec_command",
      arguments: JSON.stringify({ cmd: command }),
      call_id: callId,
    };
    this.#accept(call);
    const responseId = this.#id("resp");
    const upstreamRequestId = this.#id("req");
    this.#bundle.write("inference_completed", {
      inference_call_id: inferenceId,
      response_id: responseId,
      upstream_request_id: upstreamRequestId,
      response_payload: this.#bundle.payload("inference_response", {
        response_id: responseId,
        upstream_request_id: upstreamRequestId,
        token_usage: {
          input_tokens: 1000 + request,
          cached_input_tokens: 900,
          output_tokens: 60,
          reasoning_output_tokens: 0,
          total_tokens: 1060 + request,
        },
        output_items: [call],
      }),
    });
    const output = {
      type: "function_call_output",
      ...this.#itemId("fco"),
      call_id: callId,
      output: this.#words(OUTPUT_BYTES),
    };
    this.#runCommand(callId, command, output);
    this.#accept(output, true);
    this.#input.push(call, output);
  }

  end(): void {
    this.#endTurn();
    this.#bundle.write("thread_ended", { thread_id: THREAD, status: "completed" }, false);
    this.#bundle.write("rollout_ended", { status: "completed" }, false);
    if (this.#schema !== 1) this.#bundle.write("recording_completed", {}, false);
  }

  #runCommand(callId: string, command: string, output: unknown): void {
    this.#bundle.write("tool_call_started", {
      tool_call_id: callId,
      model_visible_call_id: callId,
      code_mode_runtime_tool_id: null,
      requester: { type: "model" },
      kind: { type: "exec_command" },
      summary: {
        type: "generic",
        label: "exec_command",
        input_preview: command,
        output_preview: null,
      },
      invocation_payload: this.#bundle.payload("tool_invocation", {
        tool_name: "exec_command",
        tool_namespace: null,
        payload: { type: "function", arguments: JSON.stringify({ cmd: command }) },
      }),
    });
    const processId = this.#id("process");
    this.#bundle.write("tool_call_runtime_started", {
      tool_call_id: callId,
      ...(this.#schema === 1 ? {} : { kind: { type: "exec_command" } }),
      runtime_payload: this.#bundle.payload("tool_runtime_event", {
        call_id: callId,
        process_id: processId,
        command: ["/bin/bash", "-lc", command],
        cwd: "/workspace",
      }),
    });
    const text = this.#words(400);
    this.#bundle.write("tool_call_runtime_ended", {
      tool_call_id: callId,
      status: "completed",
      runtime_payload: this.#bundle.payload("tool_runtime_event", {
        call_id: callId,
        process_id: processId,
        stdout: text,
        stderr: "",
        aggregated_output: text,
        exit_code: 0,
        formatted_output: text,
      }),
    });
    this.#bundle.write("tool_call_ended", {
      tool_call_id: callId,
      status: "completed",
      result_payload: this.#bundle.payload("tool_result", {
        type: "direct_response",
        response_item: output,
      }),
    });
  }

  #startTurn(): void {
    this.#endTurn();
    this.#bundle.turnId = this.#id("turn");
    this.#isTurnOpen = true;
    this.#bundle.write("codex_turn_started", {
      codex_turn_id: this.#bundle.turnId,
      thread_id: THREAD,
    });
    const message = this.#message("user", this.#words(600));
    this.#input.push(message);
    this.#accept(message);
  }

  #endTurn(): void {
    if (!this.#isTurnOpen) return;
    this.#isTurnOpen = false;
    this.#bundle.write("codex_turn_ended", {
      codex_turn_id: this.#bundle.turnId,
      status: "completed",
    });
  }

  /** A request as text, because its tools are stored as the client serialized them. */
  #request(): string {
    const metadata = {
      "x-codex-turn-metadata": JSON.stringify({ thread_id: THREAD, turn_id: this.#bundle.turnId }),
      thread_id: THREAD,
      session_id: THREAD,
      turn_id: this.#bundle.turnId,
      "x-codex-window-id": `${THREAD}:0`,
    };
    const shuffled = Object.entries(metadata)
      .map((entry) => ({ entry, rank: this.#random() }))
      .toSorted((left, right) => left.rank - right.rank);
    const head = { model: "gpt-bench", instructions: this.#instructions, input: this.#input };
    const tail = {
      tool_choice: "auto",
      parallel_tool_calls: true,
      reasoning: { effort: "medium", summary: "auto" },
      store: false,
      stream: true,
      include: ["reasoning.encrypted_content"],
      prompt_cache_key: THREAD,
      client_metadata: Object.fromEntries(shuffled.map(({ entry }) => entry)),
    };
    if (this.#schema === 3)
      return `${JSON.stringify(head).slice(0, -1)},"tools":${this.#tools},${JSON.stringify(tail).slice(1)}`;
    const headText = JSON.stringify(head, null, 2).slice(0, -2);
    const tailText = JSON.stringify(tail, null, 2).slice(2);
    return `${headText},\n  "tools": ${this.#tools},\n${tailText}`;
  }

  /** The prompt in front of the request: each item once, by reference ever after. */
  #preparedPrompt(): object {
    for (const item of this.#input.slice(this.#prompted.length))
      this.#prompted.push(this.#bundle.payload("model_item", item));
    const head = '{"input":[';
    const tail = `],"tools":${this.#tools},"parallel_tool_calls":true,"base_instructions":${JSON.stringify({ text: this.#instructions })}}`;
    const fragments = this.#prompted.map((_, index) => (index === 0 ? head : ","));
    return this.#bundle.payload("prepared_prompt", [...fragments, tail], {
      parts: [...this.#prompted],
    });
  }

  #message(role: string, text: string): object {
    const content = [{ type: "input_text", text }];
    return { type: "message", ...this.#itemId("msg"), role, content };
  }

  #accept(item: object, isToolOutput = false): void {
    if (this.#schema === 1 || !("id" in item)) return;
    const hasPayload = isToolOutput && this.#schema === 3;
    this.#bundle.write("history_item_accepted", {
      item_id: item.id,
      ...(hasPayload ? { tool_output_payload: this.#bundle.payload("protocol_event", item) } : {}),
    });
  }

  #itemId(prefix: string): { readonly id?: string } {
    return this.#schema === 1 ? {} : { id: this.#id(prefix) };
  }

  #id(prefix: string): string {
    const digits = Math.floor(this.#random() * 0xffff_ffff).toString(16);
    return `${prefix}_${digits.padStart(8, "0")}${Math.floor(this.#random() * 0xffff_ffff).toString(16)}`;
  }

  /** Text of about so many bytes, with what real output has in it: quotes, line breaks, now and then letters beyond ASCII. */
  #words(bytes: number): string {
    const words = this.#random() < this.#wide ? WIDE_WORDS : WORDS;
    let text = "";
    while (text.length < bytes) text += words[Math.floor(this.#random() * words.length)] ?? "";
    return text.slice(0, bytes);
  }
}

const WORDS: readonly string[] = [
  "the ",
  'value "x" ',
  "of\n",
  "function ",
  "0x1f ",
  "path/to/file.ts:42 ",
  "returns ",
  "error\t",
  "nothing ",
  "done.\n",
];
const WIDE_WORDS: readonly string[] = [...WORDS, "größe ", "✓ "];

/** Writes events and payloads as a recorder does. */
class BundleWriter {
  turnId = "";
  readonly #directory: string;
  readonly #schema: Schema;
  readonly #log: number;
  #seq = 0;
  #payloads = 0;
  #bytes = 0;
  /** Schema 3: the shard that is filled. */
  #shard = 1;
  #records: Buffer[] = [];
  #shardBytes = 0;

  constructor(directory: string, { schema }: GenerateBundleOptions) {
    this.#directory = directory;
    this.#schema = schema;
    mkdirSync(join(directory, "payloads"), { recursive: true, mode: 0o700 });
    const manifest = {
      schema_version: schema,
      trace_id: "trace-bench",
      rollout_id: THREAD,
      root_thread_id: THREAD,
      started_at_unix_ms: 1_795_000_000_000,
      raw_event_log: "trace.jsonl",
      payloads_dir: "payloads",
    };
    writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest, null, 2));
    this.#log = openSync(join(directory, "trace.jsonl"), "w", 0o600);
  }

  payload(type: string, body: unknown, more: object = {}): object {
    this.#payloads += 1;
    const reference = { raw_payload_id: `raw_payload:${this.#payloads}`, kind: { type } };
    if (this.#schema === 3) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return { ...reference, shard: this.#record(reference.raw_payload_id, text), ...more };
    }
    const path = `payloads/${this.#payloads}.json`;
    const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
    this.#bytes += Buffer.byteLength(text);
    writeFileSync(join(this.#directory, path), text, { mode: 0o600 });
    return { ...reference, path };
  }

  write(type: string, members: object, hasContext = true): void {
    this.#seq += 1;
    const event = {
      schema_version: this.#schema,
      seq: this.#seq,
      wall_time_unix_ms: 1_795_000_000_000 + this.#seq,
      rollout_id: THREAD,
      thread_id: hasContext ? THREAD : null,
      codex_turn_id: hasContext ? this.turnId : null,
      payload: { type, ...members },
    };
    writeSync(this.#log, `${JSON.stringify(event)}\n`);
  }

  close(): number {
    this.#closeShard();
    closeSync(this.#log);
    return this.#bytes;
  }

  /** Gives the number of the shard the record went to. */
  #record(id: string, text: string): number {
    const head = Buffer.alloc(RECORD_HEAD_BYTES);
    const name = Buffer.from(id);
    const body = Buffer.from(text);
    head.writeUInt16LE(name.length);
    head.writeBigUInt64LE(BigInt(body.length), 2);
    const length = head.length + name.length + body.length;
    if (this.#shardBytes + length > SHARD_BYTES) this.#closeShard();
    this.#records.push(head, name, body);
    this.#shardBytes += length;
    this.#bytes += body.length;
    return this.#shard;
  }

  #closeShard(): void {
    if (this.#shardBytes === 0) return;
    const name = `${String(this.#shard).padStart(6, "0")}.zst`;
    const compressed = zstdCompressSync(Buffer.concat(this.#records));
    writeFileSync(join(this.#directory, "payloads", name), compressed, { mode: 0o600 });
    this.#shard += 1;
    this.#records = [];
    this.#shardBytes = 0;
  }
}

const RECORD_HEAD_BYTES = 10;
const SHARD_BYTES = 8 * 1024 * 1024;
