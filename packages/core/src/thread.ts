import type { CodexThread, ThreadOptions } from "./thread-options.ts";

/**
 * Starts a thread: a conversation with its history, its trace bundle and its running commands.
 *
 * Rejects only for options that cannot work; everything a server or a disk does later is an event of a turn.
 */
export async function createThread(options: ThreadOptions): Promise<CodexThread> {
  throw new Error(`thread of ${String(options.cwd)} cannot start yet: the loop is being written`);
}
