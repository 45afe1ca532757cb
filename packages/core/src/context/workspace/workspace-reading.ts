import type { WorkspaceFacts } from "../../metadata/metadata-snapshot.ts";
import { readWorkspaceFacts } from "./workspace-facts.ts";

/** Directory to read, and how. */
export interface BeginWorkspaceReadingOptions {
  /** Working directory of the agent, absolute. */
  readonly cwd: string;
  /** Environment of git. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Facts about the repository of a thread, on their way. Made by `beginWorkspaceReading`. */
export interface WorkspaceReading {
  /** Unix milliseconds. */
  readonly begunMs: number;
  /** By repository root; none until they are known. */
  readonly facts: readonly (readonly [root: string, facts: WorkspaceFacts])[];
  /** Ends what still runs. Safe to call twice, and after it was used. */
  stop(): Promise<void>;
}

/**
 * Begins to ask git about the repository a directory belongs to: commit, remotes without credentials, whether there are
 * changes. Requests do not wait for it: those sent before the facts are known go without. An application that begins
 * before it creates its thread (`ThreadOptions.workspace`) has them in the first request as a rule.
 */
export function beginWorkspaceReading({
  cwd,
  env = process.env,
  now = Date.now,
}: BeginWorkspaceReadingOptions): WorkspaceReading {
  const abort = new AbortController();
  let facts: WorkspaceReading["facts"] = [];
  const read = async (): Promise<void> => {
    facts = await readWorkspaceFacts({ cwd, env, signal: abort.signal });
  };
  const done = read();
  return {
    begunMs: now(),
    get facts() {
      return facts;
    },
    async stop() {
      abort.abort();
      await done;
    },
  };
}
