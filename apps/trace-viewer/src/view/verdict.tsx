import type { CacheVerdict } from "@codex-ts/rollout-trace/requests";
import type { ComponentChildren, JSX } from "preact";
import { compactionText, count, time } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";

/** The work of the prompt cache at a request of a trace, and why. */
export function VerdictLine({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const verdict = trace.request(request)?.verdict;
  if (verdict === undefined) return <></>;
  const compaction = trace.index.compactions.find(
    ({ next, isFailed }) => next === request && !isFailed,
  );
  return (
    <VerdictText verdict={verdict}>
      {compaction && (
        <>
          <span class="tag" title={`${time(compaction.at)}: ${compactionText(compaction)}`}>
            history was compacted
          </span>{" "}
        </>
      )}
    </VerdictText>
  );
}

export function VerdictText({
  verdict: { kind, isMiss, cachedTokens, inputTokens, expectedTokens, reason },
  children,
}: {
  readonly verdict: CacheVerdict;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <p class={`verdict ${isMiss ? "miss" : ""}`}>
      <span class="tag">
        {isMiss ? "! " : ""}
        {kindText(kind)}
      </span>{" "}
      {children}
      {inputTokens !== undefined && (
        <>
          cached <strong>{cachedTokens === undefined ? "–" : count(cachedTokens)}</strong> of{" "}
          {count(inputTokens)} tokens
          {expectedTokens !== undefined && expectedTokens > 0 && (
            <> (about {count(expectedTokens)} were expected)</>
          )}
          {": "}
        </>
      )}
      {reason}
    </p>
  );
}

/** One kind is a guess by elimination, and says so. */
export function kindText(kind: string): string {
  return `${kind === "expired_or_evicted" ? "perhaps " : ""}${kind.replaceAll("_", " ")}`;
}
