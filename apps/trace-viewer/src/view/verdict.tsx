import type { JSX } from "preact";
import { count } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";

/** What the prompt cache did, and why. */
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
  return (
    <p class={`verdict ${isMiss ? "miss" : ""}`}>
      <span class="tag">
        {isMiss ? "! " : ""}
        {kind.replaceAll("_", " ")}
      </span>{" "}
      {inputTokens !== undefined && (
        <>
          cached <strong>{cachedTokens === undefined ? "–" : count(cachedTokens)}</strong> of{" "}
          {count(inputTokens)} tokens
          {expectedTokens !== undefined && expectedTokens > 0 && (
            <> (about {count(expectedTokens)} could be)</>
          )}
          {": "}
        </>
      )}
      {reason}
    </p>
  );
}
