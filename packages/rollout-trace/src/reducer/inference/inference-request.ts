import { compareUtf8 } from "../../json/compare-utf8.ts";
import { quote } from "../../reader/problem.ts";
import { printCompact } from "../../json/print.ts";
import type { ObservedRequest } from "../content-observer.ts";
import type { ReducerContext } from "../context.ts";
import type { EventPayload } from "../../format/raw-event.ts";
import type { ItemList } from "../conversation/item-list.ts";
import type { ElementChanges, ResolvedElement } from "../request-cache/resolved-elements.ts";
import { isRecognizable, itemMatches } from "../conversation/match.ts";
import { lostPartOf } from "../normalize/lost-part.ts";
import { readItem } from "../normalize/read-items.ts";
import { Reconciliation } from "../conversation/reconcile.ts";
import type { RequestContent } from "../request-cache/request-content.ts";
import { withStrippedIds } from "./stripped-ids.ts";
import { link } from "../conversation/sighting.ts";
import type { ThreadHistory } from "../conversation/thread-history.ts";

/** Works out which items a request showed the model; they become the thread's snapshot. */
export function reduceRequest(
  context: ReducerContext,
  event: EventPayload<"inference_started">,
): ItemList {
  const history = context.history(event.thread_id);
  // What a request left out because of a warm-up is told apart; otherwise the request says itself what it continues.
  const warmup = event.warmup_context_payload ?? null;
  const payload = context.payload(warmup ?? event.request_payload);
  const request = context.requestCache.read(event.thread_id, payload);
  if (request === undefined) {
    report(context, event, { ...NOTHING_OBSERVED, isKept: false });
    return history.snapshot.extend(0, []);
  }
  const sent =
    warmup === null ? request.content : { ...request.content, previousResponseId: undefined };
  const content = withStrippedIds(context, sent, event);
  const itemIds = context.observer && new Map<number, string>();
  if (content.previousResponseId === undefined) {
    const list = new Reconciliation(context, {
      history,
      turnId: event.codex_turn_id,
      producers: [],
      mode: "full",
      base: history.pendingReplacement ?? history.snapshot,
      start: 0,
    });
    const changes = addElements(context, list, content, itemIds);
    history.snapshot = list.finish();
    // Before keeping, which changes the memory that elements are read from.
    const observed = observedContent(context, event, content, itemIds);
    const isKept = content === sent && request.keep(changes, history.snapshot);
    if (observed !== undefined) report(context, event, { ...observed, isKept });
    history.pendingReplacement = undefined;
  } else {
    const callId = event.inference_call_id;
    const prefix = priorItems(context, history, content.previousResponseId, callId);
    for (const item of prefix) history.conversation.add(item);
    const list = new Reconciliation(context, {
      history,
      turnId: event.codex_turn_id,
      producers: [],
      mode: "append",
      base: history.snapshot,
      start: prefix.length,
    });
    addElements(context, list, content, itemIds);
    history.snapshot = prefix.append([...list.finish()]);
    const observed = observedContent(context, event, content, itemIds);
    if (observed !== undefined) report(context, event, { ...observed, isKept: false });
  }
  return history.snapshot;
}

type ObservedContent = Omit<ObservedRequest, "inferenceCallId" | "threadId" | "isKept">;

const NOTHING_OBSERVED: ObservedContent = {
  previousResponseId: undefined,
  members: new Map(),
  sharedCount: 0,
  fresh: [],
  itemIds: new Map(),
  isReadable: false,
};

/** The texts of a request that were not there before; only for those who asked for them. */
function observedContent(
  context: ReducerContext,
  event: EventPayload<"inference_started">,
  content: RequestContent,
  itemIds: ObservedRequest["itemIds"] | undefined,
): ObservedContent | undefined {
  const { observer } = context;
  if (observer === undefined || itemIds === undefined) return undefined;
  const { previousResponseId, sharedCount, count } = content;
  const fresh: string[] = [];
  for (let index = sharedCount; index < count; index += 1)
    fresh.push(printCompact(content.source(index).exact()));
  // What a warm-up held back has an input and nothing else.
  const members =
    event.warmup_context_payload === undefined || event.warmup_context_payload === null
      ? content.members(observer.members)
      : observer.members.ofBytes(context.payload(event.request_payload).bytes());
  return { previousResponseId, sharedCount, fresh, members, itemIds, isReadable: true };
}

function report(
  { observer }: ReducerContext,
  event: EventPayload<"inference_started">,
  observed: ObservedContent & Pick<ObservedRequest, "isKept">,
): void {
  const { inference_call_id: inferenceCallId, thread_id: threadId } = event;
  observer?.contents.request({ inferenceCallId, threadId, ...observed });
}

/** Adds the elements of a request to a list and returns those whose bytes are not as before. */
function addElements(
  context: ReducerContext,
  list: Reconciliation,
  content: RequestContent,
  itemIds: Map<number, string> | undefined,
): ElementChanges {
  const fresh: ResolvedElement[] = [];
  const changed = new Map<number, ResolvedElement>();
  const { sharedCount } = content;
  for (
    let index = list.takeRepetitions(content.known, sharedCount);
    index < content.count;
    index += 1
  ) {
    const known = index < sharedCount ? content.known.at(index) : undefined;
    if (known === null) continue;
    if (known !== undefined && !known.hasNewBody && list.repeats(known)) {
      list.take(known);
      // Seen again, an item is unchanged except for links that became possible since.
      if (known.hasPendingLinks) link(context, known);
      continue;
    }
    const element = addElement(context, list, content, index, itemIds);
    if (index >= sharedCount) fresh.push(element);
    else changed.set(index, element);
  }
  return { changed, fresh };
}

/** Parses and adds one element. What a repetition might not become again stays unknown. */
function addElement(
  context: ReducerContext,
  list: Reconciliation,
  content: RequestContent,
  index: number,
  itemIds: Map<number, string> | undefined,
): ResolvedElement {
  const problemsBefore = context.problemCount;
  const source = content.source(index);
  if (lostPartOf(source.value, source.lostParts) !== undefined) return null;
  const incoming = readItem(context, source);
  if (incoming === undefined) return null;
  const item = list.add(incoming);
  itemIds?.set(index, item.record.item_id);
  item.siblings.conversation.add(item);
  const isSound =
    context.problemCount === problemsBefore &&
    isRecognizable(incoming) &&
    itemMatches(item.record, incoming);
  return isSound ? item : undefined;
}

/** The items an incremental request leaves out: request and response of the call it continues. */
function priorItems(
  context: ReducerContext,
  history: ThreadHistory,
  responseId: string,
  callId: string,
): ItemList {
  const calls = [...(history.callsOfResponseId.get(responseId) ?? [])];
  const first = calls.toSorted(compareUtf8)[0];
  const call = first === undefined ? undefined : context.inferences.get(first);
  const request = first === undefined ? undefined : context.requestItems.get(first);
  if (call === undefined || request === undefined) {
    context.problem(
      "previous_response_unknown",
      `request of call ${quote(callId)} continues response ${quote(responseId)}, which no call of the thread had`,
      { objectId: callId },
    );
    return history.snapshot;
  }
  return request.append(call.response_item_ids.flatMap((id) => context.items.get(id) ?? []));
}
