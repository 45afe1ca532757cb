import { verdictText } from "@codex-ts/rollout-trace/requests";
import type {
  CacheVerdict,
  Excerpt,
  RequestComparison,
  RunComparison,
} from "@codex-ts/rollout-trace/requests";
import { clipId } from "../render/clip.ts";
import { lines } from "../render/lines.ts";
import { stripToOneLine } from "../render/strip-control.ts";

/**
 * A line for every request about the prompt cache, and how many missed it. `agents`: the path of each request's agent,
 * which is named where there are several.
 */
export function renderVerdicts(
  verdicts: readonly CacheVerdict[],
  agents: readonly string[],
): string {
  const areMany = new Set(agents).size > 1;
  const rows = verdicts.map((verdict, index) => {
    const agent = areMany ? ` (${clipId(agents[index] ?? "-")})` : "";
    const mark = verdict.isMiss ? "! " : "  ";
    return `${mark}request ${index + 1}${agent}: ${stripToOneLine(verdictText(verdict))}`;
  });
  const misses = verdicts.filter(({ isMiss }) => isMiss).length;
  const sum = `${verdicts.length} requests, ${misses} with tokens that a cache could have had`;
  return lines([...rows, sum]);
}

/** Two requests of one run. */
export function renderPair(
  [before, after]: readonly [number, number],
  comparison: RequestComparison,
): string {
  return lines(comparisonLines(`request ${before}`, `request ${after}`, comparison));
}

/** Two runs, request by request. */
export function renderRuns({ pairs, isEqual }: RunComparison): string {
  const rows = pairs.flatMap(({ agentPath, before, after, comparison, isEqual: isSame }) => {
    const agent = clipId(agentPath === "" ? "-" : agentPath);
    if (before === undefined) return [`${agent}: request ${after} of the second run is additional`];
    if (after === undefined) return [`${agent}: request ${before} of the first run is missing`];
    const title = `${agent}: request ${before} | ${after}`;
    if (isSame || comparison === undefined) return [`${title}: equal`];
    return [title, ...comparisonLines("first", "second", comparison).map((line) => `  ${line}`)];
  });
  const end = isEqual
    ? "the runs are equal, but for ids and times"
    : `${pairs.filter((pair) => !pair.isEqual).length} of ${pairs.length} requests differ`;
  return lines([...rows, end]);
}

function comparisonLines(
  before: string,
  after: string,
  { first, counts, otherMembers, otherDifferences }: RequestComparison,
): readonly string[] {
  const width = Math.max(before.length, after.length) + 2;
  const difference =
    first === undefined
      ? [`${before} is the beginning of ${after}`]
      : [
          `first difference: ${stripToOneLine(first.difference.pointer)} at byte ${first.difference.byteOffset}`,
          `  ${before.padEnd(width)}${excerptText(first.difference.before)}`,
          `  ${after.padEnd(width)}${excerptText(first.difference.after)}`,
          `  ${" ".repeat(width + first.difference.after.column)}^`,
        ];
  const { same, added, removed, changed } = counts;
  return [
    ...difference,
    `items: ${same} the same, ${added} added, ${changed} changed, ${removed} removed`,
    ...(otherMembers.length > 0
      ? [`other members that differ: ${otherMembers.map(stripToOneLine).join(", ")}`]
      : []),
    ...otherDifferences.map(
      ({ pointer, before: old, after: now }) =>
        `  ${stripToOneLine(pointer)}: ${excerptText(old)} → ${excerptText(now)}`,
    ),
  ];
}

function excerptText({ text }: Excerpt): string {
  return text ?? "(not there)";
}
