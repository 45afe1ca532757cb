import { TraceError } from "../errors.ts";

/** Everything that can be wrong with a bundle. Strict reading stops at the first, tolerant reading lists them. */
export type TraceProblemCode =
  /** No directory, or a directory with neither manifest nor log. */
  | "bundle_missing"
  | "manifest_missing"
  | "manifest_invalid"
  | "event_log_missing"
  /** The schema is not one this package reads, or an event disagrees with the manifest. */
  | "schema_unsupported"
  /** The last line is cut off. */
  | "line_torn"
  | "line_invalid"
  /** The rest of the log is not read: a line is longer than 64 MiB, or 20,000 lines are no events. */
  | "log_unreadable"
  | "event_type_unknown"
  | "event_invalid"
  /** `other` events can be read and have no meaning. */
  | "event_not_reducible"
  /** Schema 2: numbers are missing, repeated or out of order. */
  | "sequence_broken"
  | "rollout_mismatch"
  | "event_after_completion"
  | "payload_missing"
  | "payload_invalid"
  /** Schema 3: a shard is cut off, holds something twice, or is no shard. */
  | "shard_invalid"
  /** Schema 3: two events name different things by one payload id. */
  | "payload_conflict"
  /** The path leaves the bundle directory. */
  | "payload_outside_bundle"
  /** A body lacks what its event needs from it. */
  | "payload_shape"
  /** Something is started twice. */
  | "duplicate"
  /** An event names something that was never started. */
  | "unknown_reference"
  /** Two parts of an event, or of two events, contradict each other. */
  | "context_mismatch"
  | "item_type_unknown"
  | "item_invalid"
  | "call_id_reused"
  | "previous_response_unknown"
  | "history_mismatch"
  | "terminal_conflict"
  | "code_cell_conflict"
  | "edge_conflict"
  | "acceptance_mismatch";

/** Where a problem is and what it is about. */
export interface TraceProblemFacts {
  /** Line of `trace.jsonl`, from 1; absent for the manifest and for events that were pushed one by one. */
  readonly line?: number;
  readonly seq?: number;
  readonly eventType?: string;
  readonly payloadId?: string;
  /** Id of the thread, turn, call, item … concerned. */
  readonly objectId?: string;
}

/** One thing tolerant reading passed over. */
export interface TraceDiagnostic extends TraceProblemFacts {
  readonly code: TraceProblemCode;
  /** One line for people. It holds ids, never contents. */
  readonly message: string;
}

/** Takes problems: strict reading throws, tolerant reading notes them and goes on. */
export interface ProblemReporter {
  problem(
    code: TraceProblemCode,
    message: string,
    facts?: TraceProblemFacts,
    cause?: unknown,
  ): void;
}

/** A bundle that can not be reduced: in strict mode for any problem, in tolerant mode only when there is no bundle. */
export class TraceReadError extends TraceError {
  override readonly name = "TraceReadError";
  readonly code: TraceProblemCode;
  readonly facts: TraceProblemFacts;

  constructor(code: TraceProblemCode, message: string, facts: TraceProblemFacts, cause?: unknown) {
    super(`${place(facts)}${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
}

function place({ line, seq, eventType }: TraceProblemFacts): string {
  const where = line === undefined ? "" : `trace.jsonl line ${line}`;
  const what = seq === undefined ? "" : `event ${seq}${eventType ? ` (${eventType})` : ""}`;
  const both = [where, what].filter((part) => part !== "").join(", ");
  return both === "" ? "" : `${both}: `;
}

const QUOTE_LIMIT = 100;

/** An id from a bundle, safe to print: one line, bounded. */
export function quote(id: string): string {
  const shown = id.length > QUOTE_LIMIT ? `${id.slice(0, QUOTE_LIMIT)}…` : id;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029"\\]/.test(shown) ? JSON.stringify(shown) : shown;
}
