import type { Compatibility, JsonObject } from "@codex-ts/protocol";
import { Client } from "../app-server/client.ts";
import { initialize } from "../app-server/scene.ts";
import type { Program } from "../programs/program.ts";
import { programEnvironment } from "../programs/run-program.ts";

/** Has the app server of a program take back the last turns of a thread, and returns what it answered. */
export async function revertTurns(
  program: Program,
  {
    home,
    cwd,
    threadId,
    turns,
    compatibility,
  }: {
    readonly home: string;
    readonly cwd: string;
    readonly threadId: string;
    readonly turns: number;
    readonly compatibility: Compatibility;
  },
): Promise<JsonObject> {
  // The real program has none.
  const options = program.execArgs ?? [];
  const command = [program.command, ...program.args, ...options, "app-server"];
  const { TZ: _, ...env } = { ...programEnvironment(home, undefined), ...program.env };
  const client = new Client({ command, env }, cwd);
  try {
    await initialize(client);
    const { thread } = await client.call("resume", "thread/resume", { threadId });
    const ids = (thread as { turns?: { id: string }[] } | undefined)?.turns?.map(({ id }) => id);
    const beforeTurnId = ids?.at(-turns) ?? "";
    if (compatibility === "0.140") {
      await client.call("revert", "thread/rollback", { threadId, numTurns: turns });
    } else await client.call("revert", "thread/revert", { threadId, beforeTurnId });
    return client.responses.get("revert") ?? {};
  } finally {
    await client.leave();
  }
}
