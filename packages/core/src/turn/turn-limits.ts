import { ThreadError, TurnLimitError } from "../errors.ts";

/** Limits of a turn that are off unless an application sets them. */
export interface TurnLimitOptions {
  /** Longest time of one response, from its request to its end, in milliseconds. */
  readonly streamMaxDurationMs?: number | undefined;
  /** Most requests of one turn, repeated ones included. */
  readonly turnMaxRequests?: number | undefined;
}

/** A timer cannot wait longer than this, in milliseconds; that is 24 days. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Throws `ThreadError` for limits that cannot be kept. */
export function checkLimits({
  streamMaxDurationMs,
  turnMaxRequests,
  firstResponseTimeoutMs,
}: TurnLimitOptions & { readonly firstResponseTimeoutMs?: number | undefined }): void {
  const limits = { streamMaxDurationMs, turnMaxRequests, firstResponseTimeoutMs };
  for (const [name, value] of Object.entries(limits)) {
    const isUsable = value === undefined || (Number.isSafeInteger(value) && value > 0);
    if (isUsable) continue;
    throw new ThreadError(
      "invalid_option",
      `${name} must be a positive whole number, not ${value}`,
    );
  }
}

/** Many more than a model needs that only thinks before it goes on. */
const MAX_FOLLOW_UPS_WITHOUT_OUTPUT = 10;

/** Keeps a server from holding one turn for ever. Everything it throws is a `TurnLimitError`. */
export class TurnLimits {
  readonly #options: TurnLimitOptions;
  #requests = 0;
  #withoutOutput = 0;

  constructor(options: TurnLimitOptions) {
    this.#options = options;
  }

  /** To be called before a request; throws when it is one too many. */
  countRequest(): void {
    const { turnMaxRequests: limit } = this.#options;
    this.#requests += 1;
    if (limit === undefined || this.#requests <= limit) return;
    throw new TurnLimitError(
      "turn_max_requests",
      `the turn wants more than ${limit} requests (turn_max_requests)`,
    );
  }

  /** To be called when the server wants another request; throws when it has wanted many and given nothing. */
  countFollowUp(hasOutput: boolean): void {
    this.#withoutOutput = hasOutput ? 0 : this.#withoutOutput + 1;
    if (this.#withoutOutput < MAX_FOLLOW_UPS_WITHOUT_OUTPUT) return;
    throw new TurnLimitError(
      "no_output",
      `the server asked to be asked again ${MAX_FOLLOW_UPS_WITHOUT_OUTPUT} times in a row without any output`,
    );
  }

  /** A signal that is aborted with the turn's or when the response takes too long. To be stopped when it has ended. */
  timeResponse(turn: AbortSignal): { readonly signal: AbortSignal; stop(): void } {
    const { streamMaxDurationMs: limit } = this.#options;
    if (limit === undefined || limit > LONGEST_TIMER_MS) return { signal: turn, stop: () => {} };
    const over = new AbortController();
    const timer = setTimeout(() => {
      over.abort(
        new TurnLimitError(
          "stream_max_duration",
          `the response took longer than ${limit} ms (stream_max_duration_ms)`,
        ),
      );
    }, limit);
    return { signal: AbortSignal.any([turn, over.signal]), stop: () => clearTimeout(timer) };
  }
}
