import { computed, effect, signal } from "@preact/signals";
import { plainText } from "../data/item-body.ts";
import { parseJson, pretty, textOf } from "../data/json.ts";
import type { Trace } from "../data/trace.ts";
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
const SLICE_MS = 25;
const SNIPPET = 60;

/** The query: a text, or a regular expression between slashes. `undefined` for nothing, and for a wrong one. */
export const pattern = computed<RegExp | undefined>(() => toPattern(query.value));
export const isPatternWrong = computed(
  () => query.value.trim() !== "" && pattern.value === undefined,
);

function toPattern(text: string): RegExp | undefined {
  if (text.trim() === "") return undefined;
  const expression = /^\/(.+)\/([a-z]*)$/.exec(text);
  try {
    if (expression !== null) return new RegExp(expression[1] ?? "", "gi");
    return new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`), "gi");
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
  const places = placesOf(trace);
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const expression = pattern.value;
    running += 1;
    isAwaited = false;
    clearTimeout(timer);
    hits.value = [];
    currentHit.value = -1;
    isTooMany.value = false;
    progress.value = undefined;
    if (expression === undefined) return;
    const mine = running;
    timer = setTimeout(() => void run(trace, places, expression, mine), 120);
  });
}

async function run(
  trace: Trace,
  places: ReadonlyMap<number, Place>,
  expression: RegExp,
  mine: number,
): Promise<void> {
  const found: Hit[] = [];
  const total = trace.texts.count;
  let shown = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  for (let id = 0; id < total; id += 1) {
    const place = places.get(id);
    if (place === undefined) continue;
    const text = trace.texts.peek(id) ?? (await trace.texts.read(id));
    if (mine !== running) return;
    collect(found, place, readable(text, place), expression);
    if (performance.now() >= sliceEnd) {
      if (found.length > shown) hits.value = [...found];
      shown = found.length;
      progress.value = { done: id, total };
      await pause();
      if (mine !== running) return;
      sliceEnd = performance.now() + SLICE_MS;
    }
    if (found.length >= MAX_HITS) {
      isTooMany.value = true;
      break;
    }
  }
  hits.value = found;
  if (isAwaited) stepHit(1);
  progress.value = { done: total, total };
}

/** Lets the page handle what waits, without the pause that timers add. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.addEventListener("message", () => {
      channel.port1.close();
      resolve();
    });
    channel.port1.start();
    channel.port2.postMessage(undefined);
  });
}

function readable(text: string, { item }: Place): string {
  if (item !== undefined) return plainText(text);
  const value = parseJson(text);
  return value === undefined ? text : (textOf(value) ?? pretty(value));
}

function collect(found: Hit[], place: Place, text: string, expression: RegExp): void {
  expression.lastIndex = 0;
  const match = expression.exec(text);
  if (match === null || match[0] === "") return;
  const { index } = match;
  const end = index + match[0].length;
  const oneLine = (part: string): string => part.replaceAll(/\s+/g, " ");
  found.push({
    ...place,
    before: oneLine(text.slice(Math.max(0, index - SNIPPET / 2), index)),
    match: oneLine(match[0].slice(0, SNIPPET)),
    after: oneLine(text.slice(end, end + SNIPPET)),
  });
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
