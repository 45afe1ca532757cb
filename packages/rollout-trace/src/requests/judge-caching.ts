import { recordOf } from "../model/calls.ts";
import type { InferenceCall } from "../model/runtime.ts";
import type { ReducedTrace } from "../model/trace.ts";
import { plural } from "../plural.ts";
import { PROMPT_MEMBERS, compareRequests } from "./compare-requests.ts";
import type { RequestComparison, RequestTexts } from "./compare-requests.ts";
import { inputOf } from "./contents.ts";
import type { RequestContents, TraceContents } from "./contents.ts";

/**
 * Why a request used as much of the provider's prompt cache as it did. `extended`: the request before is its beginning,
 * and nothing says that the cache was missed. `as_expected`: so it is, and the cache was used. `cold`: there is no
 * request before it. `too_short`: prompts under 1024 tokens are not cached. `expired_or_evicted`: the cache was missed
 * although the request before is its beginning. The others name what differs first.
 */
export type CacheVerdictKind =
  | "as_expected"
  | "extended"
  | "cold"
  | "too_short"
  | "expired_or_evicted"
  | "model_changed"
  | "instructions_changed"
  | "tools_changed"
  | "key_changed"
  | "history_rewritten";

/** One request and the prompt cache, as far as a recording shows it. */
export interface CacheVerdict {
  readonly kind: CacheVerdictKind;
  /** Whether tokens were paid in full that a cache could have had. */
  readonly isMiss: boolean;
  /** Number of the request it is compared with; `undefined` when there is none. */
  readonly previous: number | undefined;
  readonly inputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  /** About as many could have been cached. `undefined` when the request before has no counters, or shares no prompt. */
  readonly expectedTokens: number | undefined;
  /** Where the first difference is: JSON pointer, and bytes of UTF-8 in the value. */
  readonly place: { readonly pointer: string; readonly byteOffset: number } | undefined;
  /** A clause for people, without the kind. */
  readonly reason: string;
}

/** The service caches whole blocks of so many tokens, of prompts that are at least so long. */
const BLOCK_TOKENS = 128;
const SHORTEST_TOKENS = 1024;
/** A counter may be off by a block and this share without meaning anything. */
const TOLERANCE = 0.05;

/** The verdicts of all requests, in the order of {@link TraceContents.requests}. */
export function judgeCaching(contents: TraceContents): readonly CacheVerdict[] {
  const { state, requests, texts } = contents;
  const latest = new Map<string, number>();
  const textOf = (id: number): string => texts[id] ?? "";
  return requests.map((request, index) => {
    const call = recordOf(state.inference_calls, request.inferenceCallId);
    const previous = latest.get(request.threadId);
    if (request.input !== undefined) latest.set(request.threadId, index);
    const before = previous === undefined ? undefined : requests[previous];
    const earlier = before && recordOf(state.inference_calls, before.inferenceCallId);
    if (previous === undefined || before === undefined || earlier === undefined || !call)
      return coldVerdict(call);
    return judge({
      state,
      call,
      earlier,
      previous: previous + 1,
      comparison:
        plainExtension(requests, previous, index) ??
        compareRequests(requestTexts(requests, previous), requestTexts(requests, index), textOf),
      keyTexts: KEY_MEMBERS.filter(
        (name) => memberText(before, name) !== memberText(request, name),
      ),
    });
  });
}

/** Nearly every request is the one before and more, which is known without looking at all of its elements. */
function plainExtension(
  requests: readonly RequestContents[],
  previous: number,
  index: number,
): RequestComparison | undefined {
  const before = requests[previous];
  const after = requests[index];
  if (before?.input === undefined || after?.input === undefined) return undefined;
  const same = before.input.shared + before.input.own.length;
  const added = after.input.own.length;
  if (after.input.base !== previous || after.input.shared !== same) return undefined;
  if (PROMPT_MEMBERS.some((name) => memberText(before, name) !== memberText(after, name)))
    return undefined;
  return {
    first: undefined,
    isExtension: true,
    otherMembers: [],
    otherDifferences: [],
    input: [
      { kind: "same", before: 0, after: 0, count: same },
      { kind: "added", before: same, after: same, count: added },
    ],
    counts: { same, added, removed: 0, changed: 0 },
  };
}

/** Members that choose a cache, beside the prompt. */
const KEY_MEMBERS = ["prompt_cache_key", "service_tier"];

/** A request in the form that can be compared. */
export function requestTexts(requests: readonly RequestContents[], index: number): RequestTexts {
  return { members: requests[index]?.members ?? [], input: inputOf(requests, index) };
}

function memberText({ members }: RequestContents, name: string): number | undefined {
  return members.find(([each]) => each === name)?.[1];
}

function coldVerdict(call: InferenceCall | undefined): CacheVerdict {
  return {
    kind: "cold",
    isMiss: false,
    previous: undefined,
    inputTokens: call?.usage?.input_tokens,
    cachedTokens: call?.usage?.cached_input_tokens,
    expectedTokens: undefined,
    place: undefined,
    reason: "the first request of its thread",
  };
}

interface Case {
  readonly state: ReducedTrace;
  readonly call: InferenceCall;
  readonly earlier: InferenceCall;
  readonly previous: number;
  readonly comparison: RequestComparison;
  readonly keyTexts: readonly string[];
}

function judge(one: Case): CacheVerdict {
  const { call, earlier, comparison, previous } = one;
  const { first } = comparison;
  const inputTokens = call.usage?.input_tokens;
  const cachedTokens = call.usage?.cached_input_tokens;
  const earlierTokens = earlier.usage?.input_tokens;
  // Of a history that was taken back, no more than is left of it.
  const reusable = earlierTokens && Math.min(earlierTokens, inputTokens ?? Infinity);
  const expectedTokens =
    reusable === undefined ? undefined : Math.floor(reusable / BLOCK_TOKENS) * BLOCK_TOKENS;
  const facts = { previous, inputTokens, cachedTokens, expectedTokens };
  const changed = changeOf(one);
  if (changed !== undefined) {
    const place = first && {
      pointer: first.difference.pointer,
      byteOffset: first.difference.byteOffset,
    };
    // A change behind what was cached anyway cost nothing, and of a request that failed nobody knows.
    const isMiss = cachedTokens !== undefined && !isCached(cachedTokens, expectedTokens);
    return { ...facts, ...changed, isMiss, place };
  }
  return { ...facts, ...extendedVerdict(one, expectedTokens), place: undefined };
}

function changeOf(one: Case): Pick<CacheVerdict, "kind" | "reason"> | undefined {
  const { first } = one.comparison;
  switch (first?.part) {
    case "model":
      return { kind: "model_changed", reason: `another model: ${placeText(one)}` };
    case "instructions":
      return {
        kind: "instructions_changed",
        reason: `${placeText(one)}, instructions that change between requests`,
      };
    case "tools":
      return {
        kind: "tools_changed",
        reason: `${placeText(one)}, a tool list that changes between requests`,
      };
    case undefined:
    case "input":
  }
  const [key] = one.keyTexts;
  if (key !== undefined) return { kind: "key_changed", reason: `${key} is another one` };
  if (first === undefined) return undefined;
  return { kind: "history_rewritten", reason: `${placeText(one)}${historyReason(one)}` };
}

function placeText({ comparison: { first } }: Case): string {
  if (first === undefined) return "";
  const { pointer, byteOffset, before, after } = first.difference;
  if (after.text === undefined) return `${pointer} is gone`;
  if (before.text === undefined) return `${pointer} is new`;
  return `${pointer} differs at byte ${byteOffset}`;
}

/** Why an earlier item is another one, as far as that can be seen. */
function historyReason({ state, call, earlier, comparison }: Case): string {
  const from = earlier.execution.started_at_unix_ms;
  const to = call.execution.started_at_unix_ms;
  const compaction = Object.values(state.compactions).find(
    ({ thread_id: threadId, installed_at_unix_ms: at }) =>
      threadId === call.thread_id && at >= from && at <= to,
  );
  if (compaction !== undefined) return ", a compaction was installed in between";
  const { counts, first } = comparison;
  if (counts.removed > 0 && counts.changed === 0 && counts.added === 0)
    return `, the history was taken back by ${plural(counts.removed, "item")}`;
  const pointer = first?.difference.pointer ?? "";
  if (/^\/input\/\d+\/id$/.test(pointer)) return ", its id was made anew";
  if (pointer.endsWith("image_url") && first?.difference.after.text === undefined)
    return ", an image was removed";
  if (/\/output(?:\/|$)/.test(pointer)) return ", a tool output was cut or replaced";
  const [head, ...rest] = comparison.input;
  if (head?.kind === "same" && rest.every(({ kind }) => kind !== "same"))
    return `, the history was taken back to item ${head.count} and went on otherwise`;
  if (counts.removed > 0) return `, ${plural(counts.removed, "item")} dropped`;
  return "";
}

function extendedVerdict(
  { call, earlier }: Case,
  expectedTokens: number | undefined,
): Pick<CacheVerdict, "kind" | "isMiss" | "reason"> {
  const cachedTokens = call.usage?.cached_input_tokens;
  const reusable = earlier.usage?.input_tokens;
  if (cachedTokens === undefined || reusable === undefined || expectedTokens === undefined) {
    const which = cachedTokens === undefined ? "this request" : "the request before";
    return { kind: "extended", isMiss: false, reason: `${which} has no token counters` };
  }
  if (reusable < SHORTEST_TOKENS && cachedTokens === 0)
    return {
      kind: "too_short",
      isMiss: false,
      reason: `prompts under ${SHORTEST_TOKENS} tokens are not cached`,
    };
  if (isCached(cachedTokens, expectedTokens))
    return { kind: "as_expected", isMiss: false, reason: "the request before is its beginning" };
  if (cachedTokens < expectedTokens / 2) {
    const since =
      call.execution.started_at_unix_ms -
      (earlier.execution.ended_at_unix_ms ?? earlier.execution.started_at_unix_ms);
    const seconds = Math.max(0, Math.round(since / 1000));
    return {
      kind: "expired_or_evicted",
      isMiss: true,
      reason: `${plural(seconds, "second")} after the request before, which is its beginning; a recording does not show whether the entry expired, was evicted, or is on another machine`,
    };
  }
  return {
    kind: "extended",
    isMiss: false,
    reason: "the request before is its beginning, part of it was cached",
  };
}

function isCached(cached: number | undefined, expected: number | undefined): boolean {
  if (cached === undefined || expected === undefined) return false;
  return cached >= expected - BLOCK_TOKENS - expected * TOLERANCE && cached > 0;
}

/** One line: what was cached of what, and why. */
export function verdictText({
  kind,
  cachedTokens,
  inputTokens,
  expectedTokens,
  reason,
}: CacheVerdict): string {
  const expected =
    expectedTokens === undefined ? "" : ` (expected about ${number(expectedTokens)})`;
  return `cached ${number(cachedTokens)} of ${number(inputTokens)}${expected}: ${kind}: ${reason}`;
}

function number(value: number | undefined): string {
  return value === undefined ? "-" : value.toLocaleString("en-US");
}
