import type { ResponseItem } from "@codex-ts/protocol";
import { isUserInput } from "../compaction/retained-messages.ts";
import { isSummary } from "../compaction/summary.ts";
import { opener, sessionWithout } from "../session/open-session.ts";
import type { BackTo } from "../session/replay-session.ts";
import { sessionBefore } from "../session/session-before.ts";
import type { NewFileFacts, SessionBefore } from "../session/session-before.ts";
import type { ThreadSession } from "../session/thread-session.ts";
import { restorePast } from "./restore.ts";
import type { FindModel } from "./restore.ts";
import type { RollBackOptions } from "./thread-options.ts";
import type { ThreadState } from "./thread-state.ts";

/** The session file of a thread, with everything until now. */
interface KeptSession {
  readonly file: ThreadSession;
  readonly codexHome: string;
  readonly findModel: FindModel;
  /** Of the first line of a file of 0.171 that begins now. */
  readonly facts: NewFileFacts;
}

/**
 * Takes the last inputs of the user, or a turn and those after it, out of the history, with everything after the first of
 * them. Without `usage` that of the thread is what it was then in a session of 0.171; else it stays, and the size of the
 * context is estimated until the next response counts it. Returns how many inputs there were; `undefined`: there is no
 * such turn, or no file that says where turns began.
 */
export function rollBack(
  state: ThreadState,
  to: BackTo,
  { usage, session }: RollBackOptions & { readonly session: KeptSession | undefined },
): number | undefined {
  if (session?.file.generation === "0.171") {
    const dropped = startOver(state, to, session);
    if (usage !== undefined) state.tokenCount.useInfo(usage);
    return dropped;
  }
  if (typeof to === "object") return undefined;
  const dropped = (session && goBack(state, to, session)) ?? dropInputs(state, to);
  if (usage === undefined) state.estimateContext(state.previousModel);
  else state.tokenCount.useInfo(usage);
  return dropped;
}

/** The thread goes on in a new file, as it would be resumed there. */
function startOver(
  state: ThreadState,
  to: BackTo,
  { file, codexHome, findModel, facts }: KeptSession,
): number | undefined {
  let before: SessionBefore | undefined;
  try {
    before = sessionBefore(file.path, { openBase: opener(codexHome), to, facts });
  } catch (error) {
    if (typeof to === "object") throw error;
    file.abandon(error);
    return dropInputs(state, to);
  }
  if (before === undefined) return typeof to === "object" ? undefined : 0;
  const { replayed } = before;
  restorePast(state, replayed, findModel);
  state.facts.client.useWindow(replayed.windowNumber, replayed.contextWindowId);
  state.tokenCount.useInfo(replayed.tokenInfo);
  file.startOver(before);
  return before.dropped;
}

/** To what the file says of the time before, as the thread would be resumed there; `undefined`: it is not readable. */
function goBack(
  state: ThreadState,
  inputs: number,
  { file, codexHome, findModel }: KeptSession,
): number | undefined {
  let past: ReturnType<typeof sessionWithout>;
  try {
    past = sessionWithout(file.path, codexHome, inputs);
  } catch {
    return undefined;
  }
  if (past.dropped === 0) return 0;
  const { replayed } = past;
  restorePast(state, replayed, findModel);
  state.facts.client.setWindowGeneration(replayed.windowNumber);
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
