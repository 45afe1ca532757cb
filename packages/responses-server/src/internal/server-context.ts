import type { ReceivedRequest, UnexpectedRequest } from "../received-request.ts";
import type { Gates } from "./gates.ts";
import type { ConnectionRecord } from "./connection-record.ts";
import type { PlayRecord } from "./play-record.ts";
import type { ScriptBook } from "./script-book.ts";
import type { Watch } from "./watch.ts";

/** Shared state of the handlers of one server. */
export interface ServerContext {
  readonly book: ScriptBook;
  readonly gates: Gates;
  readonly watch: Watch;
  readonly requests: ReceivedRequest[];
  readonly exchanges: PlayRecord[];
  readonly connections: ConnectionRecord[];
  readonly unexpected: UnexpectedRequest[];
  readonly basePath: string;
  /** Ids of the standard model list. */
  readonly models: readonly string[];
  readonly maxRequestBytes: number;
  readonly warmUps: "answer" | "script";
  readonly now: () => number;
  /** Aborted with `"server-closed"`. */
  readonly closing: AbortSignal;
}

/** Records what the script did not foresee, and wakes those who wait for records. */
export function recordUnexpected(
  context: ServerContext,
  request: ReceivedRequest | undefined,
  reason: string,
): void {
  context.unexpected.push({ request, reason });
  context.watch.changed();
}

/** The text of anything thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
