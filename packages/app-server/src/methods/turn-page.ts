import { isJsonObject } from "@codex-ts/protocol";
import { invalidRequest } from "../connection/rpc-error.ts";
import type { KeptTurn } from "../history/session-turns.ts";
import { showTurn } from "../history/show-turns.ts";
import type { TurnPageParams } from "../params/method-params.ts";
import type { Generation } from "../wire/generation.ts";
import { invalidCursor } from "./page.ts";

/** Shows a part of the turns of a thread, the newest first unless asked otherwise. Throws `RpcError` for a cursor of another thread. */
export function showTurnPage(
  generation: Generation,
  turns: readonly KeptTurn[],
  { cursor, limit, sortDirection, itemsView = "summary" }: TurnPageParams,
): object {
  const ordered = sortDirection === "asc" ? turns : turns.toReversed();
  const after = cursor === undefined ? ordered : ordered.slice(placeOf(ordered, cursor));
  const data = after.slice(0, Math.max(1, limit ?? after.length));
  const [first, last] = [data.at(0), data.at(-1)];
  return {
    data: data.map((turn) => showTurn(generation, turn, itemsView)),
    nextCursor: data.length < after.length ? turnCursor(last, { includeAnchor: false }) : null,
    backwardsCursor: turnCursor(first),
  };
}

/** A cursor that points to a turn, in either direction; `null` without a turn. Turns that come meanwhile do not move it. */
export function turnCursor(
  turn: KeptTurn | undefined,
  { includeAnchor }: { readonly includeAnchor: boolean } = { includeAnchor: true },
): string | null {
  return turn === undefined ? null : JSON.stringify({ turnId: turn.id, includeAnchor });
}

function placeOf(turns: readonly KeptTurn[], cursor: string): number {
  const { turnId, includeAnchor } = readCursor(cursor);
  const at = turns.findIndex(({ id }) => id === turnId);
  if (at === -1) throw invalidRequest("invalid cursor: its turn is not there any more");
  return includeAnchor ? at : at + 1;
}

function readCursor(cursor: string): { readonly turnId: string; readonly includeAnchor: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(cursor);
  } catch {
    throw invalidCursor(cursor);
  }
  const { turnId, includeAnchor } = isJsonObject(value) ? value : {};
  if (typeof turnId !== "string" || typeof includeAnchor !== "boolean") throw invalidCursor(cursor);
  return { turnId, includeAnchor };
}
