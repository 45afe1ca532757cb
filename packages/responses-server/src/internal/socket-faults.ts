import type { Socket } from "node:net";
import { setImmediate as nextLoopTurn } from "node:timers/promises";

/** Breaks a connection with a TCP reset, after what was written in this turn. */
export async function resetSocket(socket: Socket): Promise<void> {
  // A write of this turn may be corked; the next turn has handed it to the system.
  await nextLoopTurn();
  breakSocket(socket);
}

/** Breaks a connection now. A TLS connection has no reset of its own and is dropped without its closing alert. */
export function breakSocket(socket: Socket): void {
  // What all sockets of TLS have, and no other; their class is not needed for it.
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Closes a connection after everything written so far, without completing the message it carries. */
export async function disconnectSocket(socket: Socket): Promise<void> {
  await nextLoopTurn();
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.end(() => socket.destroy());
  });
}
