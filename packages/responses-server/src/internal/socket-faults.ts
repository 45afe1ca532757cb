import type { Socket } from "node:net";
import { setImmediate as nextLoopTurn } from "node:timers/promises";

/** Breaks a connection with a TCP reset, after what was written in this turn. */
export async function resetSocket(socket: Socket): Promise<void> {
  // A write of this turn may be corked; the next turn has handed it to the system.
  await nextLoopTurn();
  socket.resetAndDestroy();
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
