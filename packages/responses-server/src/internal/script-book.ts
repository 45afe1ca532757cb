import type { ReceivedRequest } from "../received-request.ts";
import type { Exchange, Script } from "../script/exchange.ts";

interface Entry {
  readonly exchange: Exchange;
  uses: number;
}

/** An exchange that is not used up and does not match a request, and why. */
export interface Mismatch {
  /** Place in the script, from 1. */
  readonly number: number;
  /** Conditions of the exchange that the request does not meet, e.g. `method GET`. */
  readonly wants: readonly string[];
}

/** No exchange for a request: what is left of the script. */
export interface NoneTaken {
  readonly exchange: undefined;
  readonly left: readonly Mismatch[];
  /** Exchanges in the script, used up ones included. */
  readonly scriptLength: number;
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
  ): NoneTaken | { readonly exchange: Exchange } {
    const left: Mismatch[] = [];
    for (const [index, entry] of this.#entries.entries()) {
      const { exchange } = entry;
      if (entry.uses >= (exchange.repeat ?? 1)) continue;
      const isCandidate = candidates === "all" || exchange.when !== undefined;
      const wants = isCandidate ? this.#missing(exchange, request) : ["other requests"];
      if (wants.length === 0) {
        entry.uses += 1;
        return { exchange };
      }
      left.push({ number: index + 1, wants });
    }
    return { exchange: undefined, left, scriptLength: this.#entries.length };
  }

  /** Conditions that the request does not meet; `when` is called only if it meets all others. */
  #missing(exchange: Exchange, request: ReceivedRequest): string[] {
    const { transport, method = "POST", path = "/responses", when } = exchange;
    const missing: string[] = [];
    if (transport && transport !== request.transport) missing.push(`transport ${transport}`);
    if (request.transport === "http" && request.method !== method) missing.push(`method ${method}`);
    if (!isSamePath(request.path, path, this.#basePath)) missing.push(`path ${path}`);
    if (missing.length > 0 || !when) return missing;
    return when(request) ? [] : ["requests for which its `when` returns true"];
  }
}
