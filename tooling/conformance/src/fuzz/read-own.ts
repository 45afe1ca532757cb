import { memoryBundle, reduceBundle, TraceReadError, TraceReducer } from "@codex-ts/rollout-trace";
import type { PayloadReader, RawTraceEvent, TraceManifest } from "@codex-ts/rollout-trace";
import { isJsonObject } from "@codex-ts/protocol";
import { isShardPath, renderFiles } from "./shards.ts";
import { firstDifference } from "../live/first-difference.ts";

/** The files of a bundle by their paths in it; records of shards as `shards.ts` has them. */
export type BundleText = Readonly<Record<string, string>>;

/** Two readers that do not agree. The kind stays the same while a bundle is made smaller. */
export interface Disagreement {
  readonly kind: string;
  readonly message: string;
}

/** What a strict reader said: the state by way of JSON, or why it refused the bundle. */
export type Verdict =
  | { readonly isAccepted: true; readonly state: unknown }
  | {
      readonly isAccepted: false;
      readonly error: string;
      /** `undefined` when it was no refusal but a crash. */
      readonly code: string | undefined;
    };

type Mode = "strict" | "tolerant";

/**
 * Reads a bundle in every way we have. Gives our strict verdict, and where two of the ways do not agree: requests parsed
 * whole or only where they are new, event by event or at once, and tolerant reading that throws.
 */
export async function readOwn(
  files: BundleText,
): Promise<{ readonly verdict: Verdict; readonly disagreement: Disagreement | undefined }> {
  const verdict = await read(files, "strict", false);
  const full = await read(files, "strict", true);
  const tolerant = await read(files, "tolerant", false);
  const tolerantFull = await read(files, "tolerant", true);
  const disagreement =
    threw(tolerant) ??
    threw(tolerantFull) ??
    between("strict, whole and fast", full, verdict) ??
    between("tolerant, whole and fast", tolerantFull, tolerant) ??
    (verdict.isAccepted ? between("strict and tolerant", verdict, tolerant) : undefined) ??
    eventByEvent(files, verdict, tolerant);
  return { verdict, disagreement };
}

async function read(files: BundleText, mode: Mode, fullParse: boolean): Promise<Verdict> {
  try {
    const { state } = await reduceBundle(memoryBundle(renderFiles(files)), { mode, fullParse });
    return { isAccepted: true, state: asJson(state) };
  } catch (error) {
    return refusal(error);
  }
}

/** A refusal names what is wrong with the bundle; anything else is a defect and keeps its stack. */
function refusal(error: unknown): Verdict {
  if (TraceReadError.is(error))
    return { isAccepted: false, error: error.message, code: error.code };
  const stack = error instanceof Error ? error.stack : undefined;
  return { isAccepted: false, error: `CRASH ${stack ?? String(error)}`, code: undefined };
}

function threw(tolerant: Verdict): Disagreement | undefined {
  // Of what has an unknown form nothing can be read.
  if (tolerant.isAccepted || tolerant.code === "schema_unsupported") return undefined;
  return { kind: "tolerant reading throws", message: tolerant.error };
}

/** Where two verdicts differ. The words of a refusal count, as the same code words it. */
function between(kind: string, one: Verdict, other: Verdict): Disagreement | undefined {
  if (one.isAccepted && other.isAccepted) {
    const difference = firstDifference(other.state, one.state);
    return difference === undefined ? undefined : { kind, message: difference };
  }
  const said = [one, other].map((each) => (each.isAccepted ? "accepted" : each.error));
  if (said.some((each) => each.startsWith("CRASH")))
    return { kind: "crash", message: said.join(" | ") };
  return said[0] === said[1] ? undefined : { kind, message: said.join(" | ") };
}

/** The reducer that is given events one by one, where a bundle can be given to it that way without losing anything. */
function eventByEvent(
  files: BundleText,
  strict: Verdict,
  tolerant: Verdict,
): Disagreement | undefined {
  const manifest = plainManifest(files["manifest.json"]);
  const events = plainEvents(files["trace.jsonl"]);
  // Nobody can be given the records of a broken shard one by one.
  if (Object.keys(files).some(isShardPath)) return undefined;
  if (manifest === undefined || events === undefined) return undefined;
  const pushed = (mode: Mode): Verdict => push(files, { manifest, events, mode });
  return (
    between("tolerant, event by event and at once", pushed("tolerant"), tolerant) ??
    (strict.isAccepted
      ? between("strict, event by event and at once", pushed("strict"), strict)
      : undefined)
  );
}

/** How often the state is asked for on the way: it must not matter. */
const EVENTS_PER_STATE = 7;

function push(
  files: BundleText,
  parts: {
    readonly manifest: TraceManifest;
    readonly events: readonly RawTraceEvent[];
    readonly mode: Mode;
  },
): Verdict {
  const { manifest, events, mode } = parts;
  const encoder = new TextEncoder();
  const readPayload: PayloadReader = (path, { raw_payload_id: id }) => {
    const file = manifest.schema_version === 3 ? `${path}/${id}` : path;
    if (!Object.hasOwn(files, file)) throw new Error(`no file ${file}`);
    return encoder.encode(files[file]);
  };
  try {
    const reducer = new TraceReducer({ manifest, mode });
    for (const [index, event] of events.entries()) {
      reducer.push(event, readPayload);
      if (index % EVENTS_PER_STATE === 0) reducer.state();
    }
    return { isAccepted: true, state: asJson(reducer.state()) };
  } catch (error) {
    return refusal(error);
  }
}

/** The manifest, unless it is one that only its text says enough about. */
function plainManifest(text: string | undefined): TraceManifest | undefined {
  const manifest = plain(text);
  if (!isJsonObject(manifest)) return undefined;
  const texts = ["trace_id", "rollout_id", "root_thread_id", "raw_event_log", "payloads_dir"];
  const isWhole =
    texts.every((name) => typeof manifest[name] === "string") &&
    Number.isSafeInteger(manifest["started_at_unix_ms"]) &&
    [1, 2, 3].some((version) => manifest["schema_version"] === version);
  return isWhole ? (manifest as unknown as TraceManifest) : undefined;
}

function plainEvents(log: string | undefined): RawTraceEvent[] | undefined {
  if (log === undefined || (log !== "" && !log.endsWith("\n"))) return undefined;
  const events = log
    .split("\n")
    .slice(0, -1)
    .map((line) => plain(line));
  return events.every(isJsonObject) ? (events as unknown as RawTraceEvent[]) : undefined;
}

/** What the text of a line is refused for although its value is fine: half a surrogate pair, too many levels. */
const REFUSED_AS_TEXT = /\\ud[89a-f]|\[{100}/i;

/** A JSON text as a value that stands for exactly this text: no repeated member, no other form of a number. */
function plain(text = ""): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text && !REFUSED_AS_TEXT.test(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A state as readers of `state.json` get it. */
function asJson(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state));
}
