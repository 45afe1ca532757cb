/** Text of a JSON value without white space, with the order of keys and the numbers as they were written. */
export type JsonText = string;

/** One request as it was sent. */
export interface ObservedRequest {
  readonly inferenceCallId: string;
  readonly threadId: string;
  /** Set when the request continues a response and leaves out what that response had seen. */
  readonly previousResponseId: string | undefined;
  /** All members but `input`, by name. */
  readonly members: ReadonlyMap<string, JsonText>;
  /** How many elements of `input`, from the first on, are those of the thread's last request with `isKept`. */
  readonly sharedCount: number;
  /** The elements after those. */
  readonly fresh: readonly JsonText[];
  /** Ids of the items that elements became, by position; shared ones that became what they were are left out. */
  readonly itemIds: ReadonlyMap<number, string>;
  /** Whether the recording has the request; if not, nothing else here says anything. */
  readonly isReadable: boolean;
  /** Whether the next request of the thread is compared with this one. */
  readonly isKept: boolean;
}

/** One response, or what there was of it. */
export interface ObservedResponse {
  readonly inferenceCallId: string;
  readonly threadId: string;
  /** Of the Responses API; only completed responses have one. */
  readonly responseId: string | null;
  /** The whole payload. */
  readonly text: JsonText;
  /** The elements of `output_items`, and the id of the item each became. */
  readonly output: readonly { readonly text: JsonText; readonly itemId: string | undefined }[];
}

/**
 * Receives what requests and responses say, which a state has only in part, while a bundle is reduced.
 */
export interface ContentObserver {
  request(request: ObservedRequest): void;
  response(response: ObservedResponse): void;
  /** A request failed or was cancelled; the recorder's own words, which no state keeps. */
  failure(failure: { readonly inferenceCallId: string; readonly reason: string }): void;
  /** A turn failed; what its session said of it, also where no request was at fault. */
  turnFailure?(failure: { readonly turnId: string; readonly message: string }): void;
}
