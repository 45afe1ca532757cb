import type { ReducedBundle } from "../reducer/reduce-with.ts";
import type {
  ContentObserver,
  ObservedRequest,
  ObservedResponse,
} from "../reducer/content-observer.ts";
import { inputOf } from "./contents.ts";
import type { InputList, RequestContents, TextId, TraceContents } from "./contents.ts";

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

/** Collects the contents of requests while their bundle is reduced. */
export class ContentCollector implements ContentObserver {
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, TextId>();
  readonly #requests: Mutable<RequestContents>[] = [];
  readonly #indexOfCall = new Map<string, number>();
  readonly #itemTexts = new Map<string, TextId>();
  /** By thread: the request that the next one is compared with. */
  readonly #kept = new Map<string, number>();
  /** By thread and response id: the request it belongs to. */
  readonly #answered = new Map<string, number>();
  /** By request: the elements of its response. */
  readonly #outputs = new Map<number, readonly TextId[]>();
  readonly #turnFailures = new Map<string, string>();

  request(request: ObservedRequest): void {
    const index = this.#requests.length;
    const { inferenceCallId, threadId, sharedCount } = request;
    const fresh = request.fresh.map((text) => this.#idOf(text));
    const members = [...request.members].map(([name, text]) => [name, this.#idOf(text)] as const);
    const input = request.isReadable ? this.#inputOf(request, fresh) : undefined;
    this.#indexOfCall.set(inferenceCallId, index);
    this.#requests.push({
      inferenceCallId,
      threadId,
      members,
      input,
      response: undefined,
      failure: undefined,
    });
    if (request.isKept) this.#kept.set(threadId, index);
    let whole: readonly TextId[] | undefined;
    for (const [position, itemId] of request.itemIds) {
      // A repeated element may become another item, e.g. after a compaction.
      if (position < sharedCount) whole ??= inputOf(this.#requests, index);
      const text = fresh[position - sharedCount] ?? whole?.[position];
      if (text !== undefined) this.#noteItem(itemId, text);
    }
  }

  response({ inferenceCallId, threadId, responseId, text, output }: ObservedResponse): void {
    const index = this.#indexOfCall.get(inferenceCallId);
    const elements = output.map((element) => {
      const id = this.#idOf(element.text);
      if (element.itemId !== undefined) this.#noteItem(element.itemId, id);
      return id;
    });
    const request = index === undefined ? undefined : this.#requests[index];
    if (index === undefined || request === undefined) return;
    request.response = this.#idOf(text);
    this.#outputs.set(index, elements);
    if (responseId !== null) this.#answered.set(keyOf(threadId, responseId), index);
  }

  failure({ inferenceCallId, reason }: { inferenceCallId: string; reason: string }): void {
    const request = this.#requests[this.#indexOfCall.get(inferenceCallId) ?? -1];
    if (request !== undefined) request.failure ??= reason;
  }

  turnFailure({ turnId, message }: { turnId: string; message: string }): void {
    this.#turnFailures.set(turnId, message);
  }

  /** To be called once, with the result of the reduction. */
  contents({ state, diagnostics }: ReducedBundle): TraceContents {
    return {
      state,
      diagnostics,
      texts: this.#texts,
      requests: this.#requests,
      itemTexts: this.#itemTexts,
      turnFailures: this.#turnFailures,
    };
  }

  #inputOf(
    { threadId, previousResponseId, sharedCount }: ObservedRequest,
    fresh: readonly TextId[],
  ): InputList {
    if (previousResponseId !== undefined) {
      const base = this.#answered.get(keyOf(threadId, previousResponseId)) ?? -1;
      const output = this.#outputs.get(base) ?? [];
      const before = this.#requests[base]?.input;
      const shared = before === undefined ? 0 : before.shared + before.own.length;
      return { base, shared, own: [...output, ...fresh] };
    }
    const kept = this.#kept.get(threadId);
    if (kept === undefined || sharedCount === 0) return { base: -1, shared: 0, own: fresh };
    return { base: kept, shared: sharedCount, own: fresh };
  }

  #noteItem(itemId: string, text: TextId): void {
    if (!this.#itemTexts.has(itemId)) this.#itemTexts.set(itemId, text);
  }

  #idOf(text: string): TextId {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    this.#ids.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }
}

function keyOf(threadId: string, responseId: string): string {
  return JSON.stringify([threadId, responseId]);
}
