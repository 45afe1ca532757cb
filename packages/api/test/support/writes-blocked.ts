import type { ResponsesServer } from "@codex-ts/responses-server";
import { waitFor } from "@codex-ts/test-support";

/** Waits until the server's writes stand still because the client does not read; gives the bytes written. */
export async function waitUntilBlocked(server: ResponsesServer): Promise<number> {
  let seen = -1;
  let still = 0;
  await waitFor(
    () => {
      const { blocked, bytesWritten } = server.exchanges[0] ?? { blocked: false, bytesWritten: 0 };
      still = blocked && bytesWritten === seen ? still + 1 : 0;
      seen = bytesWritten;
      return still === 8;
    },
    { what: "the server to be blocked" },
  );
  return seen;
}
