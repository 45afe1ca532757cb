import { computed, signal } from "@preact/signals";
import type { Differences } from "../data/differences.ts";
import { say } from "./notice.ts";
import { pane } from "./route.ts";
import { nextTheme } from "./theme.ts";

/** Number of the pair that is shown. */
export const pair = signal(0);
/** Only what is worth a look is listed. */
export const isShort = signal(false);
const all = signal<Differences["index"]["pairs"]>([]);

/** Numbers of the pairs that are listed. */
export const listed = computed<readonly number[]>(() =>
  [...all.value.keys()].filter((number) => !isShort.value || all.value[number]?.isNotable),
);

/** Keeps address and state the same, and handles keys, from now on. */
export function followPair({ index: { pairs } }: Differences): void {
  all.value = pairs;
  const read = (): void => {
    const number = Number(new URLSearchParams(location.hash.slice(1)).get("pair")) - 1;
    if (pairs[number] === undefined) return;
    pair.value = number;
    pane.value = "detail";
  };
  // What comes first is what one looks for.
  pair.value = Math.max(
    0,
    pairs.findIndex(({ isNotable }) => isNotable),
  );
  read();
  addEventListener("hashchange", read);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") stepPair(1);
    else if (event.key === "k") stepPair(-1);
    else if (event.key === "f") stepPair(1, "no other one behind it");
    else if (event.key === "t") nextTheme();
    else if (event.key === "Escape") pane.value = "list";
    else return;
    event.preventDefault();
  });
}

export function goToPair(number: number): void {
  location.hash = `#pair=${number + 1}`;
}

/** Goes to the next pair of the list, or the one before; with a text for when there is none, to the next notable one. */
export function stepPair(by: 1 | -1, absent?: string): void {
  const next = listed.value.filter((number) =>
    by === 1 ? number > pair.value : number < pair.value,
  );
  const number =
    absent === undefined
      ? next.at(by === 1 ? 0 : -1)
      : next.find((each) => all.value[each]?.isNotable);
  if (number === undefined)
    say(absent ?? (by === 1 ? "that was the last one" : "that was the first one"));
  else goToPair(number);
}
