import { invalidRequest } from "../connection/rpc-error.ts";
import type { RpcError } from "../connection/rpc-error.ts";
import type { PageParams } from "../params/method-params.ts";

/** A part of a list. */
export interface Page<Entry> {
  readonly data: readonly Entry[];
  /** Of the part after it; `null` at the end. */
  readonly nextCursor: string | null;
}

/** Cuts a part out of a list that stays as it is. The cursor is the number of entries before it. Throws `RpcError` for another one. */
export function pageOf<Entry>(
  entries: readonly Entry[],
  { cursor, limit }: PageParams,
): Page<Entry> {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw invalidCursor(cursor);
  const start = Number(cursor ?? 0);
  if (start > entries.length) {
    throw invalidRequest(`cursor ${start} exceeds total of ${entries.length}`);
  }
  const end = start + Math.max(1, limit ?? entries.length);
  return {
    data: entries.slice(start, end),
    nextCursor: end < entries.length ? String(end) : null,
  };
}

/**
 * Cuts a part out of a list that grows meanwhile. `isAfter` says which entries stand behind the cursor, and `cursorOf` which
 * cursor stands behind an entry.
 */
export function pageAfter<Entry>(
  entries: readonly Entry[],
  {
    isAfter,
    cursorOf,
    limit,
  }: {
    readonly isAfter: (entry: Entry) => boolean;
    readonly cursorOf: (entry: Entry) => string;
    readonly limit: number | undefined;
  },
): Page<Entry> {
  const after = entries.filter(isAfter);
  const data = after.slice(0, Math.max(1, limit ?? after.length));
  const last = data.at(-1);
  const hasMore = last !== undefined && data.length < after.length;
  return { data, nextCursor: hasMore ? cursorOf(last) : null };
}

export function invalidCursor(cursor: string): RpcError {
  return invalidRequest(`invalid cursor: ${cursor.slice(0, 200)}`);
}
