import { invalidRequest } from "../connection/rpc-error.ts";
import type { PageParams } from "../params/method-params.ts";

/** A part of a list. */
export interface Page<Entry> {
  readonly data: readonly Entry[];
  /** Of the part after it; `null` at the end. */
  readonly nextCursor: string | null;
}

/** Cuts a part out of a list. The cursor is the number of entries before it. Throws `RpcError` for another one. */
export function pageOf<Entry>(
  entries: readonly Entry[],
  { cursor, limit }: PageParams,
): Page<Entry> {
  const start = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(start) || start < 0) throw invalidRequest("invalid cursor");
  const end = start + Math.max(1, limit ?? entries.length);
  return {
    data: entries.slice(start, end),
    nextCursor: end < entries.length ? String(end) : null,
  };
}
