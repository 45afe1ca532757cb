import type { InferenceCall } from "../model/runtime.ts";
import { attemptPurpose, firstEventMs } from "../wire/read/attempt-facts.ts";
import type { WireJoin } from "../wire/read/join-wire.ts";
import type { LedgerPercentiles, LedgerRequest } from "./ledger.ts";

/** Where something belongs. */
export interface LedgerPlace {
  readonly threadId: string;
  readonly turnId: string;
}

/** Facts of a request that a wire log adds. */
export function wireFacts(
  { inference_call_id: id, execution }: InferenceCall,
  wire: WireJoin | undefined,
): Pick<LedgerRequest, "attempts" | "firstEventMs"> {
  const attempts = wire?.calls
    .get(id)
    ?.attempts.filter((attempt) => attemptPurpose(attempt) === "request");
  const last = attempts?.at(-1);
  return {
    attempts: attempts?.length,
    firstEventMs: last && firstEventMs(last, execution.started_at_unix_ms),
  };
}

/** Places of the compactions that the wire log alone has. */
export function unrecordedCompactions(wire: WireJoin | undefined): readonly LedgerPlace[] {
  const requests = wire?.requests ?? [];
  return requests
    .filter(({ kind, compactionRequestIds: ids }) => kind === "compaction" && ids.length === 0)
    .map(({ threadId = "", turnId = "" }) => ({ threadId, turnId }));
}

/** Places of the warm-ups; `undefined` without a wire log. */
export function warmUps(wire: WireJoin | undefined): readonly LedgerPlace[] | undefined {
  return wire?.requests.flatMap(({ attempts, threadId = "", turnId = "" }) =>
    attempts
      .filter((attempt) => attemptPurpose(attempt) === "warm-up")
      .map(() => ({ threadId, turnId })),
  );
}

/** By nearest rank; `undefined` for nothing. */
export function percentiles(times: readonly number[]): LedgerPercentiles | undefined {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number): number | undefined => sorted[Math.ceil(sorted.length * share) - 1];
  const [p50, p95, max] = [at(0.5), at(0.95), at(1)];
  if (p50 === undefined || p95 === undefined || max === undefined) return undefined;
  return { p50, p95, max };
}
