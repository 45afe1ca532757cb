import type { ReducedTrace } from "../model/trace.ts";
import type { TraceDiagnostic } from "../reader/problem.ts";

/** Index of a text in {@link TraceContents.texts}. */
export type TextId = number;

/**
 * The elements of a request's `input` as a continuation of another request's: its first `shared` elements, then `own`.
 * Requests repeat the whole history, so this is what keeps their contents small.
 */
export interface InputList {
  /** Index in {@link TraceContents.requests} of the request whose first elements these are; -1 for none. */
  readonly base: number;
  readonly shared: number;
  readonly own: readonly TextId[];
}

/** Contents of one request and of its response. */
export interface RequestContents {
  readonly inferenceCallId: string;
  readonly threadId: string;
  /** All members but `input`, by name. */
  readonly members: readonly (readonly [name: string, text: TextId])[];
  /**
   * The elements of `input`. Of a request that continues a response (`previous_response_id`) with what it
   * leaves out. `undefined` when the recording does not have the request.
   */
  readonly input: InputList | undefined;
  /** The whole payload of the response, also of one that broke off; `undefined` when there is none. */
  readonly response: TextId | undefined;
  /** Why it failed or was cancelled, in the recorder's words. */
  readonly failure: string | undefined;
}

/** A reduced bundle with the contents of its requests, each different text once. */
export interface TraceContents {
  readonly state: ReducedTrace;
  readonly diagnostics: readonly TraceDiagnostic[];
  /** JSON without white space; the order of keys and the numbers are as they were written. */
  readonly texts: readonly string[];
  /** In order of their start. */
  readonly requests: readonly RequestContents[];
  /** The element in which each item was first seen; other items (markers) are in the state alone. */
  readonly itemTexts: ReadonlyMap<string, TextId>;
  /** By turn id: why a turn failed, in the words of its session. */
  readonly turnFailures: ReadonlyMap<string, string>;
}

/** All elements of a request's `input`; empty when the recording does not have the request. */
export function inputOf(
  requests: readonly Pick<RequestContents, "input">[],
  index: number,
): readonly TextId[] {
  // From the request back to one that stands for itself, then forward again.
  const steps: InputList[] = [];
  for (let at = index; at >= 0;) {
    const input = requests[at]?.input;
    if (input === undefined) break;
    steps.push(input);
    // A list only ever continues an earlier request.
    at = input.base < at ? input.base : -1;
  }
  const elements: TextId[] = [];
  for (const { shared, own } of steps.toReversed()) {
    elements.length = Math.min(elements.length, shared);
    for (const text of own) elements.push(text);
  }
  return elements;
}
