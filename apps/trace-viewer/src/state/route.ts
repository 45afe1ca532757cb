import { batch, effect, signal } from "@preact/signals";
import type { PageRequest } from "@codex-ts/trace-viewer-page/format";
import type { Trace } from "../data/trace.ts";

export const VIEWS = ["requests", "agents", "ledger", "session"] as const;
export type View = (typeof VIEWS)[number];
export const TABS = ["seen", "response", "diff", "wire", "raw", "context"] as const;
export type Tab = (typeof TABS)[number];

/** Where the reader is. The address of the page says the same, so that a link leads to the same place. */
export const view = signal<View>("requests");
/** Number of the selected request, from 0. */
export const selected = signal(0);
export const tab = signal<Tab>("seen");
/** The request that the selected one is compared with; `undefined`: the one before it. */
export const base = signal<number | undefined>(undefined);
/** The item that is pointed out. */
export const item = signal<number | undefined>(undefined);
export const query = signal("");
/** On a narrow screen one of the two is shown. */
export const pane = signal<"list" | "detail">("list");

/** Keeps address and state the same, from now on. */
export function followAddress(trace: Trace): void {
  readAddress(trace);
  let place = placeText();
  let isReading = false;
  effect(() => {
    const hash = addressOf();
    const now = placeText();
    // Another request, tab or view is a step that "back" undoes; a letter of a search is not.
    const isStep = !isReading && now !== place;
    place = now;
    if (location.hash === hash) return;
    if (isStep) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
  });
  const read = (): void => {
    isReading = true;
    readAddress(trace);
    isReading = false;
  };
  // "Back" and "forward" fire the first, a link or a typed address in some browsers only the second.
  addEventListener("popstate", read);
  addEventListener("hashchange", read);
}

function placeText(): string {
  return JSON.stringify([view.value, selected.value, tab.value, base.value, item.value]);
}

function addressOf(): string {
  const parts = new URLSearchParams();
  if (view.value !== "requests") parts.set("view", view.value);
  parts.set("r", String(selected.value + 1));
  if (tab.value !== "seen") parts.set("tab", tab.value);
  if (base.value !== undefined) parts.set("base", String(base.value + 1));
  if (item.value !== undefined) parts.set("item", String(item.value + 1));
  if (query.value !== "") parts.set("q", query.value);
  return `#${parts.toString()}`;
}

function readAddress(trace: Trace): void {
  const parts = new URLSearchParams(location.hash.slice(1));
  const { requests, items } = trace.index;
  const numberIn = (name: string, length: number): number | undefined => {
    const value = Number(parts.get(name) ?? NaN);
    return Number.isInteger(value) && value >= 1 && value <= length ? value - 1 : undefined;
  };
  // Over a WebSocket requests are written as `ws:<id of the connection>#<position>` in tables.
  const upstream = parts.get("upstream")?.replace(/^ws:(.*)#.*$/, "$1");
  const isOn = ({ wire }: PageRequest): boolean =>
    upstream !== undefined && wire?.connection?.[1] === upstream;
  const named = requests.findIndex(
    (request) =>
      (parts.has("call") && request.callId === parts.get("call")) ||
      (parts.has("response") && request.responseId === parts.get("response")) ||
      (upstream !== undefined && request.upstreamId === upstream) ||
      isOn(request),
  );
  const number = named >= 0 ? named : numberIn("r", requests.length);
  batch(() => {
    view.value = VIEWS.find((each) => each === parts.get("view")) ?? "requests";
    selected.value = number ?? 0;
    tab.value = TABS.find((each) => each === parts.get("tab")) ?? "seen";
    base.value = numberIn("base", requests.length);
    item.value = numberIn("item", items.length);
    // Of a connection the search lists all requests.
    query.value = parts.get("q") ?? (requests.filter(isOn).length > 1 ? (upstream ?? "") : "");
    if (number !== undefined) pane.value = "detail";
  });
}

/** Goes to a request, keeping the tab unless another one is asked for. */
export function goTo(request: number, where: { tab?: Tab; item?: number | undefined } = {}): void {
  batch(() => {
    view.value = "requests";
    if (request !== selected.value) base.value = undefined;
    selected.value = request;
    item.value = where.item;
    if (where.tab !== undefined) tab.value = where.tab;
    pane.value = "detail";
  });
}
