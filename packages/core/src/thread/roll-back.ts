import type { ResponseItem } from "@codex-ts/protocol";
import { isUserInput } from "../compaction/retained-messages.ts";
import { isSummary } from "../compaction/summary.ts";
import { sessionWithout } from "../session/open-session.ts";
import { restorePast } from "./restore.ts";
import type { FindModel } from "./restore.ts";
import type { RollBackOptions } from "./thread-options.ts";
import type { ThreadState } from "./thread-state.ts";

/** The session file of a thread, with everything until now. */
interface KeptSession {
  readonly path: string;
  readonly codexHome: string;
  readonly findModel: FindModel;
}

/**
 * Takes the last inputs of the user out of the history, with everything after the first of them. Without `usage` that of
 * the thread stays what it was, and the size of the context is estimated until the next response counts it. Returns how
 * many there were.
 */
export function rollBack(
  state: ThreadState,
  inputs: number,
  { usage, session }: RollBackOptions & { readonly session: KeptSession | undefined },
): number {
  const dropped = (session && goBack(state, inputs, session)) ?? dropInputs(state, inputs);
  if (usage === undefined) state.estimateContext(state.previousModel);
  else state.tokenCount.useInfo(usage);
  return dropped;
}

/** To what the file says of the time before, as the thread would be resumed there; `undefined`: it is not readable. */
function goBack(
  state: ThreadState,
  inputs: number,
  { path, codexHome, findModel }: KeptSession,
): number | undefined {
  let past: ReturnType<typeof sessionWithout>;
  try {
    past = sessionWithout(path, codexHome, inputs);
  } catch {
    return undefined;
  }
  if (past.dropped > 0) restorePast(state, past.replayed, findModel);
  return past.dropped;
}

/** Without a file to read it in, what the model knows of its surroundings is not known where some of that is dropped. */
function dropInputs(state: ThreadState, inputs: number): number {
  const { history } = state.facts;
  const places = [...history.items.keys()].filter((index) => {
    const item = history.items[index];
    return item !== undefined && isUserInput(item) && !isSummary(item, state.foundSummaries);
  });
  const dropped = Math.min(inputs, places.length);
  if (dropped === 0) return 0;
  const end = places.at(-dropped) ?? 0;
  if (history.items.slice(end).some(isContext)) state.referenceContext = undefined;
  history.replace(history.items.slice(0, end));
  return dropped;
}

function isContext(item: ResponseItem): boolean {
  if (item.type === "additional_tools") return true;
  return item.type === "message" && item.role !== "assistant" && !isUserInput(item);
}
