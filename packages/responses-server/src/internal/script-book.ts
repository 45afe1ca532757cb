import type { ReceivedRequest } from "../received-request.ts";
import type { Exchange, Script } from "../script/exchange.ts";

interface Entry {
  readonly exchange: Exchange;
  uses: number;
}

/** True when a request path, its query aside, is the scripted path below the base path or as a whole. */
export function isSamePath(requestPath: string, scriptPath: string, basePath: string): boolean {
  // Clients of a proxy send the whole URL.
  const path = requestPath.replace(/^https?:\/\/[^/]*/i, "").split("?", 1)[0];
  return path === basePath + scriptPath || path === scriptPath;
}

/** The script with a mark at what is used up. */
export class ScriptBook {
  readonly #entries: Entry[];
  readonly #basePath: string;

  constructor(script: Script, basePath: string) {
    this.#entries = script.map((exchange) => ({ exchange, uses: 0 }));
    this.#basePath = basePath;
  }

  add(exchanges: Script): void {
    this.#entries.push(...exchanges.map((exchange) => ({ exchange, uses: 0 })));
  }

  unused(): Exchange[] {
    return this.#entries.filter((entry) => entry.uses === 0).map((entry) => entry.exchange);
  }

  /**
   * Takes the first exchange that matches and is not used up. Exchanges without `when` are passed over where the
   * caller asks for a deliberate choice.
   */
  take(
    request: ReceivedRequest,
    candidates: "all" | "only-with-when" = "all",
  ): Exchange | undefined {
    const entry = this.#entries.find(
      ({ exchange, uses }) =>
        uses < (exchange.repeat ?? 1) &&
        (candidates === "all" || exchange.when !== undefined) &&
        this.#matches(exchange, request),
    );
    if (entry) entry.uses += 1;
    return entry?.exchange;
  }

  #matches(exchange: Exchange, request: ReceivedRequest): boolean {
    if (exchange.transport && exchange.transport !== request.transport) return false;
    if (request.transport === "http" && request.method !== (exchange.method ?? "POST"))
      return false;
    if (!isSamePath(request.path, exchange.path ?? "/responses", this.#basePath)) return false;
    return exchange.when?.(request) ?? true;
  }
}
