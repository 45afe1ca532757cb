// What requests carried, beside each other. Nothing here imports from Node. Every line is public API.
export { alignLists } from "./align-lists.ts";
export { compareRequests } from "./compare-requests.ts";
export { alignRuns, compareRuns } from "./compare-runs.ts";
export { inputOf } from "./contents.ts";
export { judgeCaching, requestTexts, verdictText } from "./judge-caching.ts";
export { textDifference } from "./text-difference.ts";

export type { ListSegment } from "./align-lists.ts";
export type { PromptPart, RequestComparison, RequestTexts } from "./compare-requests.ts";
export type { AlignedRequest, AlignedRuns, RequestPair, RunComparison } from "./compare-runs.ts";
export type { InputList, RequestContents, TextId, TraceContents } from "./contents.ts";
export type { CacheVerdict, CacheVerdictKind } from "./judge-caching.ts";
export type { Excerpt, TextDifference } from "./text-difference.ts";
