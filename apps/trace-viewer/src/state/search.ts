import { computed, effect, signal } from "@preact/signals";
import { plainText } from "../data/item-body.ts";
import { parseJson, pretty, textOf } from "../data/json.ts";
import { literal, mayHold } from "../data/may-hold.ts";
import { nextTask } from "../data/next-task.ts";
import type { Trace } from "../data/trace.ts";
import { say } from "./notice.ts";
import { goTo, query } from "./route.ts";
import type { Tab } from "./route.ts";

/** One place where the word was found. */
export interface Hit {
  readonly label: string;
  readonly request: number;
  readonly tab: Tab;
  /** Number of the item; `undefined` for instructions, tools and the like. */
  readonly item: number | undefined;
  readonly before: string;
  readonly match: string;
  readonly after: string;
}

export const hits = signal<readonly Hit[]>([]);
export const progress = signal<{ readonly done: number; readonly total: number } | undefined>(
  undefined,
);
/** The hit that is shown, -1 before the first. */
export const currentHit = signal(-1);
export const isTooMany = signal(false);

const MAX_HITS = 5000;
/** Between two slices the page handles keys and clicks. */
const SLICE_MS = 20;
/** Drawing the list of hits takes time from finding more of them. */
const SHOW_MS = 100;
/** So long a word is waited for to be typed on. */
const TYPING_MS = 60;
const SNIPPET = 60;
const EXPRESSION = /^\/(.+)\/([a-z]*)$/;

/** The query: a text, or a regular expression between slashes. `undefined` for nothing, and for a wrong one. */
export const pattern = computed<RegExp | undefined>(() => toPattern(query.value));
export const isPatternWrong = computed(
  () => query.value.trim() !== "" && pattern.value === undefined,
);

function toPattern(text: string): RegExp | undefined {
  if (text.trim() === "") return undefined;
  try {
    return new RegExp(EXPRESSION.exec(text)?.[1] ?? literal(text), "gi");
  } catch {
    return undefined;
  }
}

interface Place {
  readonly label: string;
  readonly request: number;
  readonly tab: Tab;
  readonly item: number | undefined;
}

let running = 0;
/** The first hit is to be gone to as soon as there is one. */
let isAwaited = false;

/** Searches whenever the query changes; a new query ends the search before it. */
export function searchAsTyped(trace: Trace): void {
  let places: ReadonlyMap<number, Place> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    // One of its own: a global expression remembers where it was, and the texts that are shown use that one.
    const expression = pattern.value && new RegExp(pattern.value.source, "i");
    const text = query.value;
    running += 1;
    isAwaited = false;
    clearTimeout(timer);
    hits.value = [];
    currentHit.value = -1;
    isTooMany.value = false;
    progress.value = undefined;
    if (expression === undefined) return;
    const number = running;
    timer = setTimeout(() => {
      places ??= placesOf(trace);
      const mightHold = EXPRESSION.test(text) ? () => true : mayHold(text);
      void run({ trace, places, expression, mightHold, isWanted: () => number === running });
    }, TYPING_MS);
  });
}

interface Search {
  readonly trace: Trace;
  readonly places: ReadonlyMap<number, Place>;
  readonly expression: RegExp;
  /** A look at JSON by which most texts without the word are passed over. */
  readonly mightHold: (json: string) => boolean;
  /** No longer when another query was typed. */
  readonly isWanted: () => boolean;
}

async function run(search: Search): Promise<void> {
  const { texts } = search.trace;
  const found: Hit[] = [];
  try {
    await collectAll(search, found);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
  if (!search.isWanted()) return;
  show(found);
  progress.value = { done: texts.count, total: texts.count };
}

function show(found: readonly Hit[]): void {
  hits.value = [...found];
  if (isAwaited) stepHit(1);
}

/** Shows what it has found from time to time, the first hit at once. */
async function collectAll(search: Search, found: Hit[]): Promise<void> {
  const { trace, places, expression, mightHold, isWanted } = search;
  const { texts } = trace;
  let shown = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  let nextShow = 0;
  const rest = async (done: number): Promise<void> => {
    if (performance.now() >= nextShow) {
      if (found.length > shown) show(found);
      progress.value = { done, total: texts.count };
      shown = found.length;
      nextShow = performance.now() + SHOW_MS;
    }
    await nextTask();
    sliceEnd = performance.now() + SLICE_MS;
  };
  for (let number = 0; number < texts.blockCount; number += 1) {
    const block = await texts.readBlock(number);
    if (!isWanted()) return;
    texts.prepareBlock(number + 1);
    const ids = mightHold(block.whole) ? block.ids : [];
    for (const id of ids) {
      const place = places.get(id);
      const text = block.text(id);
      if (place === undefined || !mightHold(text)) continue;
      const hit = hitIn(readable(text, place), place, expression);
      if (hit !== undefined) found.push(hit);
      if (found.length >= MAX_HITS) {
        isTooMany.value = true;
        return;
      }
      if (found.length === 1 && shown === 0) nextShow = 0;
      else if (performance.now() < sliceEnd) continue;
      await rest(id);
      if (!isWanted()) return;
    }
    if (performance.now() >= sliceEnd) await rest(block.ids[0] ?? 0);
    if (!isWanted()) return;
  }
}

function readable(text: string, { item }: Place): string {
  if (item !== undefined) return plainText(text);
  const value = parseJson(text);
  return value === undefined ? text : (textOf(value) ?? pretty(value));
}

/** The first place in a text. */
function hitIn(text: string, place: Place, expression: RegExp): Hit | undefined {
  const match = expression.exec(text);
  if (match === null || match[0] === "") return undefined;
  const { index } = match;
  const end = index + match[0].length;
  const oneLine = (part: string): string => part.replaceAll(/\s+/g, " ");
  return {
    ...place,
    before: oneLine(text.slice(Math.max(0, index - SNIPPET / 2), index)),
    match: oneLine(match[0].slice(0, SNIPPET)),
    after: oneLine(text.slice(end, end + SNIPPET)),
  };
}

/** Where each text shows first: an item with its request, instructions and tools. */
function placesOf(trace: Trace): ReadonlyMap<number, Place> {
  const places = new Map<number, Place>();
  const add = (text: number | undefined, place: Place): void => {
    if (text !== undefined && !places.has(text)) places.set(text, place);
  };
  for (const [number, item] of trace.index.items.entries()) {
    const request = trace.firstSeenIn(number) ?? -1;
    const isOutput = trace.request(request)?.output.includes(number) === true;
    add(item.text, {
      label: item.kind === "message" ? item.role : item.kind.replaceAll("_", " "),
      request,
      tab: isOutput ? "response" : "seen",
      item: number,
    });
  }
  for (const { chain, previous, next } of trace.index.compactions)
    add(chain, {
      label: "compaction",
      request: next < 0 ? previous : next,
      tab: "diff",
      item: undefined,
    });
  for (const [request, { members, wire }] of trace.index.requests.entries()) {
    add(wire?.chain, { label: "wire", request, tab: "wire", item: undefined });
    for (const [name, text] of members)
      if (name === "instructions" || name === "tools")
        add(text, { label: name, request, tab: "seen", item: undefined });
  }
  return places;
}

/** Goes to the next hit, or the one before it. */
export function stepHit(step: 1 | -1): void {
  const { length } = hits.value;
  isAwaited = length === 0;
  if (length > 0) showHit((currentHit.value + step + length) % length);
}

export function showHit(number: number): void {
  const hit = hits.value[number];
  if (hit === undefined) return;
  currentHit.value = number;
  if (hit.request >= 0) goTo(hit.request, { tab: hit.tab, item: hit.item });
}
