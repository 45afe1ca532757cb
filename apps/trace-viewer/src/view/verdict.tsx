import type { JSX } from "preact";
import { compactionText, count, time } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";

/** The work of the prompt cache, and why. */
export function VerdictLine({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const verdict = trace.request(request)?.verdict;
  if (verdict === undefined) return <></>;
  const { kind, isMiss, cachedTokens, inputTokens, expectedTokens, reason } = verdict;
  const compaction = trace.index.compactions.find(
    ({ next, isFailed }) => next === request && !isFailed,
  );
  return (
    <p class={`verdict ${isMiss ? "miss" : ""}`}>
      <span class="tag">
        {isMiss ? "! " : ""}
        {kindText(kind)}
      </span>{" "}
      {compaction && (
        <>
          <span class="tag" title={`${time(compaction.at)}: ${compactionText(compaction)}`}>
            history was compacted
          </span>{" "}
        </>
      )}
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
