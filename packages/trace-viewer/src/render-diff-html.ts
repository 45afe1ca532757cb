import type { TraceContents } from "@codex-ts/rollout-trace";
import { diffOfPair, diffOfRequests, diffOfRuns } from "./build/diff-index.ts";
import { pageHtml } from "./build/page-html.ts";
import { TextBlocks } from "./build/text-blocks.ts";

/** Options of {@link renderDiffHtml}. */
export interface RenderDiffOptions {
  /** A second run: the page compares the two, request by request. */
  readonly other?: TraceContents | undefined;
  /** Two requests of the one run, by their numbers from 1. Default: every request beside the one before it. */
  readonly requests?: readonly [before: number, after: number] | undefined;
  /**
   * Longest text kept whole, in characters: one item, one tool list. Of a longer one the page has the beginning, the
   * end, the size and a hash. Default 8388608.
   */
  readonly maxTextLength?: number | undefined;
  /** Stops the work; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Renders what differs between requests as one HTML file: data, program and style in one, which opens offline and makes no
 * request. Yields the bytes of the file in pieces; the same contents make the same bytes. Of two runs, what differs
 * between any two counts for nothing, as in `compareRuns`. The file has the texts of the requests it compares, and no
 * responses. Throws `RangeError` for a request that is not there, or for both `other` and `requests`.
 */
export function* renderDiffHtml(
  contents: TraceContents,
  { other, requests, maxTextLength, signal }: RenderDiffOptions = {},
): Generator<Uint8Array, void> {
  if (other !== undefined && requests !== undefined)
    throw new RangeError("`requests` are of one run; leave `other` out");
  for (const number of requests ?? [])
    if (contents.requests[number - 1] === undefined)
      throw new RangeError(
        `there is no request ${number}: the run has ${contents.requests.length}`,
      );
  const blocks = new TextBlocks(maxTextLength);
  const index =
    other !== undefined
      ? diffOfRuns(contents, other, blocks)
      : requests !== undefined
        ? diffOfPair(contents, requests, blocks)
        : diffOfRequests(contents, blocks);
  yield* pageHtml(blocks, index, signal);
}
