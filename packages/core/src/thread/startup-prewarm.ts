import type { ModelClient } from "../client/model-client.ts";
import type { ModelClientSession } from "../client/model-session.ts";
import type { Prompt } from "../client/request-builder.ts";

/**
 * Opens the WebSocket connection of a thread while its user still types, and has the server read what every request
 * begins with. A failure costs nothing but the head start. Source: docs/behavior/core.md 1.7.
 */
export class StartupPrewarm {
  readonly #client: ModelClient;
  readonly #session: ModelClientSession;
  readonly #abort = new AbortController();
  readonly #now: () => number;
  readonly #startedMs: number;
  /** Settles when the warm-up is over, with whether it worked. Never rejects. */
  readonly #done: Promise<boolean>;

  constructor(client: ModelClient, prompt: Prompt) {
    this.#client = client;
    this.#session = client.newSession();
    this.#now = client.options.now ?? Date.now;
    this.#startedMs = this.#now();
    this.#done = this.#run(prompt);
  }

  /**
   * The warmed-up session; waits for it no longer than a handshake may take since the start. `undefined` when it failed
   * or is late: use a new one.
   */
  async take(signal: AbortSignal): Promise<ModelClientSession | undefined> {
    const limitMs = this.#client.options.provider.info.websocketConnectTimeoutMs;
    const leftMs = Math.max(0, limitMs - (this.#now() - this.#startedMs));
    const late = Promise.withResolvers<false>();
    const giveUp = (): void => late.resolve(false);
    const timer = setTimeout(giveUp, leftMs);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const ready = await Promise.race([this.#done, late.promise]);
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    if (ready) return this.#session;
    await this.close();
    return undefined;
  }

  /** Ends the warm-up and returns its connection. */
  async close(): Promise<void> {
    this.#abort.abort(new DOMException("the start-up warm-up was given up", "AbortError"));
    await this.#done;
    this.#session.close();
  }

  async #run(prompt: Prompt): Promise<boolean> {
    try {
      await this.#session.prewarmWebSocket({
        prompt,
        metadata: this.#client.metadata({ turnId: "", requestKind: { type: "prewarm" } }),
        signal: this.#abort.signal,
      });
      return true;
    } catch {
      return false;
    }
  }
}
