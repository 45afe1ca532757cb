import { readFile, readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** Most searches for processes that start others while they are being killed. */
const MAX_SEARCHES = 50;
const SEARCH_AGAIN_AFTER_MS = 2;
/** Files read at a time: few, so that a search does not use up what descriptors are left. */
const READ_AT_ONCE = 4;

/**
 * Kills the processes that have `marker` in the environment they were started with, which is how those are found that
 * left the process group of their command. Does nothing where there is no `/proc`. Never rejects.
 */
export async function killMarkedProcesses(marker: string): Promise<void> {
  for (let searches = 0; searches < MAX_SEARCHES; searches += 1) {
    const found = await findMarkedProcesses(marker);
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Ended since it was found.
      }
    }
    await delay(SEARCH_AGAIN_AFTER_MS);
  }
}

async function findMarkedProcesses(marker: string): Promise<readonly number[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found: number[] = [];
  const search = async (): Promise<void> => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      // That of another user cannot be read, and its process could not be killed.
      const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined);
      if (environment?.includes(marker) === true && pid !== process.pid) found.push(pid);
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, search));
  return found;
}
