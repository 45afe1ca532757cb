import { isJsonObject } from "@codex-ts/protocol";
import type { JsonValue } from "@codex-ts/protocol";
import type { TraceManifest } from "../../format/bundle.ts";
import type { ByteOperations } from "../../json/bytes.ts";
import type { RolloutHeader } from "../../model/session.ts";
import type { ReducedTrace } from "../../model/trace.ts";
import type { PayloadReference } from "../../format/payload.ts";
import type { RawTraceEvent } from "../../format/raw-event.ts";
import { ShapeError } from "../../reader/event-shape.ts";
import {
  claimedSchema,
  eventShapesOf,
  parseEvent,
  payloadReferencesOf,
  UnknownEventTypeError,
} from "../../reader/parse-event.ts";
import type { EventShapes } from "../../reader/parse-event.ts";
import { quote, TraceReadError } from "../../reader/problem.ts";
import type { TraceDiagnostic, TraceProblemCode, TraceProblemFacts } from "../../reader/problem.ts";
import type { PayloadReading } from "../../reader/payload-reading.ts";
import type { EventPayloads } from "../../reader/shards/assembled-payloads.ts";
import type { ShardProblem } from "../../reader/shards/shard-records.ts";
import { checkLineText } from "../../reader/strict-line.ts";
import { applyEvent } from "./apply-event.ts";
import { registerPayload } from "./register-payload.ts";
import { buildState } from "../state/build-state.ts";
import type { StateOwnership } from "../state/build-state.ts";
import type { ContentObserver } from "../content-observer.ts";
import { ReducerContext } from "../context.ts";
import type { TraceReadMode } from "../context.ts";
import { LoadedPayload } from "../loaded-payload.ts";
import { RequestCache } from "../request-cache/request-cache.ts";
import { viewState } from "../state/state-view.ts";
import type { StateView } from "../state/state-view.ts";
import { chooseRules, KNOWN_SCHEMAS } from "../../schema/known-schemas.ts";
import type { SchemaRules } from "../../schema/schema-rules.ts";

export interface ReplayOptions {
  /** The manifest as far as it is known. */
  readonly manifest: Partial<TraceManifest>;
  readonly mode: TraceReadMode;
  readonly fullParse: boolean;
  readonly bytes: ByteOperations;
  readonly observer?: ContentObserver | undefined;
}

/** One replay of a log: checks the order of events, loads what they name, applies them. */
export class Replay {
  readonly diagnostics: TraceDiagnostic[] = [];
  readonly #options: ReplayOptions;
  #context: ReducerContext | undefined;
  #shapes: EventShapes = new Map();
  #nextSeq = 1;
  #isComplete = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Notes a problem that has no event. Strict: throws. */
  problem(
    code: TraceProblemCode,
    message: string,
    facts: TraceProblemFacts = {},
    cause?: unknown,
  ): void {
    if (this.#options.mode === "strict") throw new TraceReadError(code, message, facts, cause);
    this.diagnostics.push({ code, message, ...facts });
  }

  /** Checks one parsed line, and its text if it has one; `undefined` after noting why it is no event. */
  readEvent(value: JsonValue, line: number | undefined, text?: string): RawTraceEvent | undefined {
    const { rules } = this.#contextFor(value);
    try {
      if (text !== undefined && this.#options.mode === "strict") checkLineText(text, value, rules);
      return parseEvent(value, this.#shapes);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const place = { ...(line === undefined ? {} : { line }), ...seqOf(value) };
      if (error instanceof UnknownEventTypeError) {
        const type = quote(error.eventType);
        this.problem("event_type_unknown", `event type ${type} is unknown`, place, error);
      } else this.problem("event_invalid", `not an event: ${error.message}`, place, error);
      // The number was used up all the same; the next event is no gap.
      if (place.seq === this.#nextSeq) this.#nextSeq += 1;
      return undefined;
    }
  }

  /** Whether a parsed line is written as it must be, without noting why not. */
  hasSoundText(value: JsonValue, text: string): boolean {
    const { rules } = this.#contextFor(value);
    try {
      if (this.#options.mode === "strict") checkLineText(text, value, rules);
      return true;
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      return false;
    }
  }

  /** Applies one event, with what reading each of its payloads gave. */
  apply(event: RawTraceEvent, line: number | undefined, { readings, parts }: EventPayloads): void {
    const context = this.#context ?? this.#contextFor({ schema_version: event.schema_version });
    const payloads: LoadedPayload[] = [];
    context.enter(event, line, payloads);
    this.#checkOrder(context, event);
    for (const reference of payloadReferencesOf(event.payload)) {
      registerPayload(context, reference);
      const reading = readings[payloads.length] ?? NOT_READ;
      const payload = this.#loaded(context, reference, reading);
      payloads.push(payload);
      this.#inspect(context, event, payload);
    }
    for (const { reference, reading } of parts) this.#loaded(context, reference, reading).check();
    applyEvent(context);
  }

  /** A recording counts as complete only when its last line is ended. */
  withdrawCompletion(): void {
    if (this.#context !== undefined) this.#context.isRecordingComplete = false;
  }

  /** Reports what is wrong with shards. */
  reportShards(problems: readonly ShardProblem[]): void {
    for (const { shard, message, cause } of problems)
      this.problem(
        "shard_invalid",
        `shard ${shard} ${message}`,
        { objectId: `shard ${shard}` },
        cause,
      );
  }

  /** Whether nothing that repeats is to be skipped. */
  get isFullParse(): boolean {
    return this.#options.fullParse;
  }

  /** The rules of the schema, known with the first event. */
  get rules(): SchemaRules {
    return this.#contextFor(null).rules;
  }

  state(ownership: StateOwnership): ReducedTrace {
    return buildState(this.#contextFor(null), ownership);
  }

  /** Whether a complete log ends with `recording_completed`. */
  get hasCompletion(): boolean {
    return this.#contextFor(null).rules.log.events.recording_completed;
  }

  /** The state where it is, good until the next event. */
  view(): StateView {
    return viewState(this.#contextFor(null));
  }

  #loaded(
    context: ReducerContext,
    reference: PayloadReference,
    reading: PayloadReading,
  ): LoadedPayload {
    const operations = this.#options.bytes;
    return new LoadedPayload({ reference, reading, reporter: context, operations });
  }

  /** The payload that shows the model's input is opened when it is compared with the one before. */
  #inspect(context: ReducerContext, event: RawTraceEvent, payload: LoadedPayload): void {
    const isRequest = payload.reference === requestOf(event);
    if (context.rules.log.isEveryPayloadChecked && !isRequest) payload.check();
    else if (!context.isStrict) payload.bytes();
    else payload.refuseOutside();
  }

  #checkOrder(context: ReducerContext, event: RawTraceEvent): void {
    const { version, log } = context.rules;
    if (log.isOrderChecked && event.schema_version !== version)
      context.problem("schema_unsupported", `event has schema ${event.schema_version}`);
    if (log.isOrderChecked && this.#isComplete)
      context.problem("event_after_completion", "event comes after recording_completed");
    if (log.isOrderChecked && event.rollout_id !== context.header.rollout_id) {
      context.problem(
        "rollout_mismatch",
        `event belongs to rollout ${quote(event.rollout_id)}, the bundle to ${quote(context.header.rollout_id)}`,
      );
    }
    if (event.seq !== this.#nextSeq && (log.isOrderChecked || !context.isStrict))
      context.problem("sequence_broken", `expected event ${this.#nextSeq}, found ${event.seq}`);
    this.#nextSeq = event.seq + 1;
    if (event.payload.type === "recording_completed") this.#isComplete = true;
  }

  #contextFor(firstEvent: JsonValue): ReducerContext {
    if (this.#context === undefined) {
      const rules = this.#chooseRules(claimedSchema(firstEvent));
      const { manifest, mode, bytes, fullParse, observer } = this.#options;
      const first = isJsonObject(firstEvent) ? firstEvent : {};
      const { rollout_id: rolloutId, wall_time_unix_ms: timeUnixMs } = first;
      this.#shapes = eventShapesOf(rules);
      this.#context = new ReducerContext({
        mode,
        rules,
        diagnostics: this.diagnostics,
        requestCache: new RequestCache({ bytes, isEnabled: !fullParse }),
        observer,
        header: {
          schema_version: rules.version,
          trace_id: manifest.trace_id ?? "",
          rollout_id: manifest.rollout_id ?? (typeof rolloutId === "string" ? rolloutId : ""),
          started_at_unix_ms:
            manifest.started_at_unix_ms ?? (typeof timeUnixMs === "number" ? timeUnixMs : 0),
          ended_at_unix_ms: null,
          status: "running",
          ...UNFINISHED[rules.log.completion],
          root_thread_id: manifest.root_thread_id ?? "",
        },
      });
    }
    return this.#context;
  }

  #chooseRules(claimed: JsonValue | undefined): SchemaRules {
    const { manifest, mode } = this.#options;
    const version = manifest.schema_version;
    const { rules, isUnsupported } = chooseRules(version, claimed, mode === "strict");
    if (rules === undefined) {
      const found = version ?? claimed;
      throw new TraceReadError(
        "schema_unsupported",
        `trace schema ${typeof found === "number" ? found : "of another kind"} is not one of those known here (${KNOWN_SCHEMAS})`,
        {},
      );
    }
    if (isUnsupported) {
      const other = rules.version === version ? "" : `, its events have schema ${rules.version}`;
      this.problem("schema_unsupported", `manifest.json has schema ${version}${other}`);
    }
    return rules;
  }
}

const UNFINISHED: { readonly [form in SchemaRules["log"]["completion"]]: Partial<RolloutHeader> } =
  {
    unknown: {},
    flag: { recording_complete: false },
    status: { recording_status: "unclosed" },
  };

function requestOf({ payload }: RawTraceEvent): PayloadReference | undefined {
  if (payload.type !== "inference_started") return undefined;
  return payload.warmup_context_payload ?? payload.request_payload;
}

const NOT_READ: PayloadReading = { failure: "missing" };

function seqOf(value: JsonValue): { readonly seq?: number } {
  const seq = isJsonObject(value) ? value["seq"] : undefined;
  return typeof seq === "number" ? { seq } : {};
}
