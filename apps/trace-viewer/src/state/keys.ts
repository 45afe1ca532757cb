import { upstreamOf } from "../data/trace.ts";
import type { Trace } from "../data/trace.ts";
import { isHelpOpen } from "../view/help.tsx";
import { hadFailure, isShown } from "./filters.ts";
import { copy, say } from "./notice.ts";
import { TABS, base, goTo, item, pane, query, selected, tab, view } from "./route.ts";
import type { View } from "./route.ts";
import { stepHit } from "./search.ts";
import { nextTheme } from "./theme.ts";

const VIEW_KEYS: Readonly<Record<string, View>> = {
  a: "agents",
  l: "ledger",
  s: "session",
  r: "requests",
};

/** Keys of the whole page. None of them acts while something is typed. */
export function handleKeys(trace: Trace): void {
  let isAfterG = false;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The browser handles the keys of a dialog.
    if (document.querySelector("dialog[open]") !== null) return;
    const { key } = event;
    if (isTyping(event.target)) {
      if (key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    const wasAfterG = isAfterG;
    isAfterG = key === "g";
    const place = VIEW_KEYS[key];
    if (wasAfterG && place !== undefined) view.value = place;
    else if (!act(trace, key)) return;
    event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Returns whether the key meant something. */
function act(trace: Trace, key: string): boolean {
  const request = trace.request(selected.value);
  const number = Number(key);
  if (Number.isInteger(number) && TABS[number - 1] !== undefined) {
    tab.value = TABS[number - 1] ?? "seen";
    view.value = "requests";
    return true;
  }
  switch (key) {
    case "j":
      return step(trace, 1, () => true);
    case "k":
      return step(trace, -1, () => true);
    case "J":
      return step(trace, 1, (each) => each.turn !== request?.turn);
    case "K":
      return step(trace, -1, (each) => each.turn !== request?.turn);
    case "]":
      return step(trace, 1, (each) => each.agent !== request?.agent);
    case "[":
      return step(trace, -1, (each) => each.agent !== request?.agent);
    case "f":
      return step(trace, 1, hadFailure, "no later request failed or was sent again");
    case "m":
      return step(trace, 1, ({ verdict }) => verdict.isMiss, "no later request missed the cache");
    case "d":
      base.value = undefined;
      goTo(selected.value, { tab: "diff" });
      return true;
    case ".":
      tab.value = tab.value === "raw" ? "seen" : "raw";
      return true;
    case "c":
      copyId("response_id", request?.responseId ?? null);
      return true;
    case "C":
      copyId(...upstreamOf(request));
      return true;
    case "/":
      document.querySelector<HTMLInputElement>("#search")?.focus();
      return true;
    case "n":
      stepHit(1);
      return true;
    case "N":
      stepHit(-1);
      return true;
    case "t":
      nextTheme();
      return true;
    case "?":
      isHelpOpen.value = true;
      return true;
    case "Escape":
      escape();
      return true;
    default:
      return false;
  }
}

type Request = Trace["index"]["requests"][number];

function step(
  trace: Trace,
  by: 1 | -1,
  isWanted: (request: Request) => boolean,
  absent?: string,
): true {
  const { requests } = trace.index;
  let isHidden = false;
  for (let at = selected.value + by; at >= 0 && at < requests.length; at += by) {
    const request = requests[at];
    if (request === undefined || !isWanted(request)) continue;
    if (isShown(trace, request)) {
      goTo(at);
      return true;
    }
    isHidden = true;
  }
  const text = absent ?? (by === 1 ? "that was the last one" : "that was the first one");
  say(isHidden ? `${text}, of those that the filter shows` : text);
  return true;
}

function copyId(name: string, id: string | null): void {
  if (id === null) say(`this request has no ${name}`);
  else void copy(id, name);
}

/** Closes what is open, innermost first. */
function escape(): void {
  if (item.value !== undefined) item.value = undefined;
  else if (query.value !== "") query.value = "";
  else if (view.value !== "requests") view.value = "requests";
  else pane.value = "list";
}
