import type { WireAttempt } from "./wire-attempts.ts";

/**
 * Attempts that belong to one request of a turn, in order: handshakes that were made for it, the tries of the transport
 * and those of the turn, and what was sent again after a login was renewed or over another transport.
 */
export type WireChain = readonly WireAttempt[];

/** Sorts attempts into requests. Each attempt is in one. */
export function chainsOf(attempts: readonly WireAttempt[]): WireChain[] {
  const chains: WireAttempt[][] = [];
  const open = new Map<string, WireAttempt[]>();
  for (const attempt of attempts) {
    const key = requestKey(attempt);
    const chain = open.get(key);
    if (chain !== undefined && continues(chain, attempt)) chain.push(attempt);
    else {
      const next = [attempt];
      chains.push(next);
      open.set(key, next);
    }
  }
  return chains;
}

function requestKey({ started }: WireAttempt): string {
  const { thread_id = "", turn_id = "", request_kind } = started;
  return JSON.stringify([thread_id, turn_id, request_kind]);
}

function continues(chain: readonly WireAttempt[], next: WireAttempt): boolean {
  const last = chain.at(-1);
  if (last === undefined) return false;
  if (isSameCall(last, next)) return true;
  // A handshake is made for the request that follows.
  if (last.started.endpoint === "handshake" && last.ended?.outcome === "completed") return true;
  const isRepeated =
    last.retry !== undefined ||
    last.switched !== undefined ||
    last.auth.some(({ outcome }) => outcome === "ok" || outcome === "adopted");
  return isRepeated && last.ended?.outcome !== "completed";
}

function isSameCall(a: WireAttempt, b: WireAttempt): boolean {
  return idOfCall(a) !== undefined && idOfCall(a) === idOfCall(b);
}

function idOfCall({ started }: WireAttempt): string | undefined {
  return started.inference_call_id ?? started.compaction_request_id;
}
