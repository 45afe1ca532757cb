import { parseExactJson } from "../json/parse-exact.ts";
import type { JsonNode } from "../json/node.ts";
import { printSorted } from "../json/print.ts";
import { recordOf } from "../model/calls.ts";
import { alignLists } from "./align-lists.ts";
import { compareRequests } from "./compare-requests.ts";
import type { RequestComparison, RequestTexts } from "./compare-requests.ts";
import { inputOf } from "./contents.ts";
import type { TextId, TraceContents } from "./contents.ts";

/** One request of a run beside one of another; one of the two is `undefined` where the other run has none for it. */
export interface RequestPair {
  /** Path of the agent, e.g. `/root`. */
  readonly agentPath: string;
  /** Numbers from 1 in order of their start, over all agents. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** `undefined` for a request that stands alone. */
  readonly comparison: RequestComparison | undefined;
  /** Whether both sent the same, but for what differs between any two runs. */
  readonly isEqual: boolean;
}

/** Two runs, request by request. */
export interface RunComparison {
  readonly pairs: readonly RequestPair[];
  readonly isEqual: boolean;
}

/** A request in a form that can be compared with one of another run. */
export interface AlignedRequest {
  /** Counts from 1 in order of their start, over all agents of its run. */
  readonly number: number;
  /** Texts of {@link AlignedRuns.texts}. */
  readonly request: RequestTexts;
}

/** The requests of two runs, brought together. */
export interface AlignedRuns {
  readonly pairs: readonly {
    /** Path of the agent, e.g. `/root`. */
    readonly agentPath: string;
    /** `undefined` where the other run has a request that this one has not. */
    readonly before: AlignedRequest | undefined;
    readonly after: AlignedRequest | undefined;
  }[];
  /** The texts of both runs, each different one once, without what differs between any two runs. */
  readonly texts: readonly string[];
}

/** Members that a run chooses. All others name the run. */
const COMPARED = new Set([
  "model",
  "instructions",
  "tools",
  "reasoning",
  "text",
  "tool_choice",
  "parallel_tool_calls",
  "include",
  "store",
  "service_tier",
]);

/**
 * Compares two runs. Requests are brought together by agent path and, inside it, by model and last input item. Ids of
 * items, dates of the environment, names of session files, and the head lines of command outputs (chunk id, wall time,
 * token count, session id) differ between any two runs and count for nothing.
 */
export function compareRuns(before: TraceContents, after: TraceContents): RunComparison {
  const { pairs: aligned, texts } = alignRuns(before, after);
  const pairs = aligned.map(({ agentPath, before: left, after: right }): RequestPair => {
    const comparison =
      left && right && compareRequests(left.request, right.request, (id) => texts[id] ?? "");
    return {
      agentPath,
      before: left?.number,
      after: right?.number,
      comparison,
      isEqual: comparison !== undefined && isSame(comparison),
    };
  });
  return { pairs, isEqual: pairs.every(({ isEqual }) => isEqual) };
}

/** Brings the requests of two runs together as {@link compareRuns} does, and leaves comparing them to the caller. */
export function alignRuns(before: TraceContents, after: TraceContents): AlignedRuns {
  const texts = new CommonTexts();
  const [old, now] = [before, after].map((contents) => lanesOf(contents, texts));
  const paths = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  const pairs = [...paths].flatMap((agentPath) =>
    laneOfPair(agentPath, old?.get(agentPath) ?? [], now?.get(agentPath) ?? []),
  );
  return { pairs, texts: texts.list };
}

interface LaneRequest extends AlignedRequest {
  /** Requests of both runs with the same one belong together. */
  readonly key: string;
}

function lanesOf(
  contents: TraceContents,
  texts: CommonTexts,
): ReadonlyMap<string, readonly LaneRequest[]> {
  const lanes = new Map<string, LaneRequest[]>();
  const common = new Map<TextId, TextId>();
  const toCommon = (id: TextId): TextId => {
    const known = common.get(id) ?? texts.add(contents.texts[id] ?? "");
    common.set(id, known);
    return known;
  };
  for (const [index, { threadId, members }] of contents.requests.entries()) {
    const path = recordOf(contents.state.threads, threadId)?.agent_path;
    const input = inputOf(contents.requests, index).map(toCommon);
    const compared = members.flatMap(([name, id]) =>
      COMPARED.has(name) ? [[name, toCommon(id)] as const] : [],
    );
    const model = compared.find(([name]) => name === "model")?.[1];
    const lane = lanes.get(path ?? "") ?? [];
    lanes.set(path ?? "", lane);
    const key = JSON.stringify([model ?? null, input.at(-1) ?? null]);
    lane.push({ number: index + 1, request: { members: compared, input }, key });
  }
  return lanes;
}

function laneOfPair(
  agentPath: string,
  before: readonly LaneRequest[],
  after: readonly LaneRequest[],
): AlignedRuns["pairs"] {
  const keys = (lane: readonly LaneRequest[]): string[] => lane.map(({ key }) => key);
  const segments = alignLists(keys(before), keys(after), () => true);
  return segments.flatMap(({ kind, before: from, after: to, count }) =>
    Array.from({ length: count }, (_, offset) => ({
      agentPath,
      before: kind === "added" ? undefined : before[from + offset],
      after: kind === "removed" ? undefined : after[to + offset],
    })),
  );
}

function isSame({ first, otherMembers, counts }: RequestComparison): boolean {
  const { added, removed, changed } = counts;
  return first === undefined && otherMembers.length === 0 && added + removed + changed === 0;
}

/** The texts of both runs under common numbers, without what differs between any two runs. */
class CommonTexts {
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, TextId>();

  add(text: string): TextId {
    const plain = withoutVolatile(text);
    const id = this.#ids.get(plain) ?? this.#texts.push(plain) - 1;
    this.#ids.set(plain, id);
    return id;
  }

  get list(): readonly string[] {
    return this.#texts;
  }
}

const VOLATILE_MEMBERS = ["id", "internal_chat_message_metadata_passthrough"];

/** Inside strings of JSON, where a line break is written as `\n`. */
const VOLATILE_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/<current_date>.*?<\/current_date>/g, "<current_date>…</current_date>"],
  [/<timezone>.*?<\/timezone>/g, "<timezone>…</timezone>"],
  [/Chunk ID: [\w-]+/g, "Chunk ID: …"],
  [/Wall time: [\d.]+ seconds/g, "Wall time: … seconds"],
  [/Original token count: \d+/g, "Original token count: …"],
  [/Process running with session ID \d+/g, "Process running with session ID …"],
  [/rollout-[\dT:-]+-[\da-f-]+\.jsonl/g, "rollout-….jsonl"],
];

function withoutVolatile(text: string): string {
  let node: JsonNode;
  try {
    node = parseExactJson(text);
  } catch {
    return text;
  }
  if (node instanceof Map && node.has("type"))
    for (const name of VOLATILE_MEMBERS) node.delete(name);
  const printed = printSorted(node);
  return VOLATILE_TEXTS.reduce((rest, [pattern, sign]) => rest.replace(pattern, sign), printed);
}
