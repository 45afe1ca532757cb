import type { Readable, Writable } from "node:stream";
import { INTERNAL_ERROR, INVALID_REQUEST, RpcError } from "./rpc-error.ts";
import { readLines } from "./line-reader.ts";
import { LineWriter } from "./line-writer.ts";
import { ReadAhead } from "./read-ahead.ts";
import { readMessage } from "./message.ts";
import type { ClientMessage, RequestId } from "./message.ts";

/** Longest line a client may send. Images come as data URLs. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** How long a client that has nothing more to say may take to read what it has asked for, in milliseconds. */
const LAST_READING_MS = 5000;

/** A request of the client that waits for its response. */
export interface IncomingRequest {
  readonly method: string;
  readonly params: unknown;
  /** Responds with a result; only the first call counts. */
  readonly reply: (result: object) => void;
}

/** The other end of what comes from a client. */
export interface RequestHandler {
  /** Returns the result, or nothing after a `reply`. Rejects with `RpcError`; any other error is a defect. */
  request(request: IncomingRequest): Promise<object | undefined> | object | undefined;
  notification(method: string): void;
}

/** One client: its messages in, ours out. */
export class Connection {
  readonly #input: Readable;
  readonly #writer: LineWriter;
  readonly #asked = new Map<RequestId, PromiseWithResolvers<unknown>>();
  #nextId = 0;
  readonly #closed = new AbortController();

  constructor(streams: { readonly input: Readable; readonly output: Writable }) {
    this.#input = streams.input;
    this.#writer = new LineWriter(streams.output, () => this.close());
  }

  /** Aborted when the client is gone. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Reads until the client has nothing more to say or is gone. */
  async serve(handler: RequestHandler): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const input = new ReadAhead(this.#input, () => {
      timer = setTimeout(() => this.#giveUp(), LAST_READING_MS);
    });
    try {
      for await (const line of readLines(input, MAX_LINE_BYTES)) {
        if (this.closed.aborted) break;
        if (line.type === "unreadable") {
          this.#refuse(null, new RpcError(INVALID_REQUEST, `Invalid request: ${line.problem}`));
        } else {
          this.#take(readMessage(line.text), handler);
        }
        // A client that does not read what it asks for is not read from either.
        await this.#writer.ready();
      }
    } catch (error) {
      // An input that breaks is one that ends.
      if (!isStreamFailure(error)) throw error;
    } finally {
      await this.#writer.ready();
      clearTimeout(timer);
      this.close();
    }
  }

  /** Nobody reads any more, though the output is open. */
  #giveUp(): void {
    this.#writer.abandon();
    this.close();
  }

  notify(method: string, params: object, more: object = {}): void {
    this.#writer.write({ method, params, ...more });
  }

  /** Asks the client. Rejects when it is gone, or refuses. */
  ask(
    method: string,
    params: object,
  ): { readonly id: RequestId; readonly answer: Promise<unknown> } {
    const id = this.#nextId;
    this.#nextId += 1;
    const asked = Promise.withResolvers<unknown>();
    // Whoever asked may have stopped waiting.
    asked.promise.catch(() => undefined);
    this.#asked.set(id, asked);
    if (this.closed.aborted) this.#abandon();
    else this.#writer.write({ method, id, params });
    return { id, answer: asked.promise };
  }

  /** Drops a question: its response is not needed any more, and the promise of it rejects. */
  forget(id: RequestId): void {
    this.#asked.get(id)?.reject(new Error("the response is not needed any more"));
    this.#asked.delete(id);
  }

  /** Settles when the client has read what was written so far, more or less. */
  ready(): Promise<void> {
    return this.#writer.ready();
  }

  /** Ends the connection. */
  close(): void {
    if (this.closed.aborted) return;
    this.#closed.abort();
    this.#abandon();
    this.#input.destroy();
  }

  #abandon(): void {
    for (const asked of this.#asked.values()) asked.reject(new Error("the client is gone"));
    this.#asked.clear();
  }

  #take(message: ClientMessage, handler: RequestHandler): void {
    switch (message.type) {
      case "request":
        return this.#answer(message.id, message, handler);
      case "notification":
        return handler.notification(message.method);
      case "response":
        return this.#settle(message.id, message.outcome);
      case "invalid":
        return this.#refuse(message.id, message.problem);
      default:
        return message satisfies never;
    }
  }

  /** A result that is there at once is written at once: the events of a turn it began come after. */
  #answer(
    id: RequestId,
    { method, params }: { readonly method: string; readonly params: unknown },
    handler: RequestHandler,
  ): void {
    let isAnswered = false;
    const reply = (result: object): void => {
      if (isAnswered) return;
      isAnswered = true;
      this.#writer.write({ id, result });
    };
    const fail = (error: unknown): void => {
      if (isAnswered) return;
      isAnswered = true;
      this.#refuse(id, toRpcError(error));
    };
    try {
      const outcome = handler.request({ method, params, reply });
      if (outcome instanceof Promise) void answerLater(outcome, { reply, fail });
      else if (outcome !== undefined) reply(outcome);
    } catch (error) {
      fail(error);
    }
  }

  #settle(
    id: RequestId,
    outcome: { readonly result: unknown } | { readonly error: unknown },
  ): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined) return;
    if ("result" in outcome) asked.resolve(outcome.result);
    else asked.reject(new Error("the client refused the request"));
  }

  #refuse(id: RequestId | null, { code, message, data }: RpcError): void {
    this.#writer.write({ error: { code, message, ...(data !== undefined && { data }) }, id });
  }
}

async function answerLater(
  outcome: Promise<object | undefined>,
  {
    reply,
    fail,
  }: { readonly reply: (result: object) => void; readonly fail: (error: unknown) => void },
): Promise<void> {
  try {
    const result = await outcome;
    if (result !== undefined) reply(result);
  } catch (error) {
    fail(error);
  }
}

function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new RpcError(INTERNAL_ERROR, reason);
}

function isStreamFailure(error: unknown): boolean {
  return error instanceof Error && ("code" in error || error.name === "AbortError");
}
