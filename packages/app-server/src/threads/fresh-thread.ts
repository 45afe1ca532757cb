import type { SessionContent } from "@codex-ts/core";
import { RpcError, UNKNOWN_METHOD, invalidRequest, noRollout } from "../connection/rpc-error.ts";
import type { OpenThread } from "./open-thread.ts";
import type { ClientSession } from "./session.ts";

/** A thread that runs, and nothing of it, for it has had no turn. */
interface MaybeFresh {
  readonly open: OpenThread | undefined;
  readonly content: SessionContent | undefined;
}

/** Whether a thread that is to be kept has no file yet. */
export function isFresh({ open, content }: MaybeFresh): boolean {
  return open?.isPersistent === true && content === undefined && open.runningTurnId === undefined;
}

/** Throws `RpcError` for a thread whose turns cannot be read, for it has had none. */
export function requireTurns(session: ClientSession, thread: MaybeFresh, method: string): void {
  if (!isFresh(thread)) return;
  const message = `${method} reads no turns before the first message of thread ${thread.open?.threadId}`;
  if (session.generation === "0.140") throw invalidRequest(message);
  throw new RpcError(UNKNOWN_METHOD, message);
}

/** Throws `RpcError` for a thread that nobody can resume, for it has had no turn. */
export function requireResumable(session: ClientSession, thread: MaybeFresh): void {
  if (!isFresh(thread)) return;
  if (session.generation === "0.140") throw noRollout(thread.open?.threadId ?? "");
  requireTurns(session, thread, "thread/resume");
}
