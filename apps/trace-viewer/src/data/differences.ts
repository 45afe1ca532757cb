import { inputOf } from "@codex-ts/rollout-trace/requests";
import type { DiffIndex, DiffPair } from "@codex-ts/trace-viewer-page/format";
import { plural } from "./numbers.ts";
import { TextStore } from "./text-store.ts";

/** The data of a page of differences: pairs of requests, and their texts. */
export class Differences {
  readonly index: DiffIndex;
  readonly texts: TextStore;

  constructor(index: DiffIndex) {
    this.index = index;
    this.texts = new TextStore(index.texts);
  }

  get title(): string {
    const { of, pairs } = this.index;
    if (of === "runs") return "two runs compared";
    const [pair] = pairs;
    return of === "pair" && pair !== undefined
      ? this.nameOf(pair)
      : "requests, each beside the one before it";
  }

  /** The number of pairs, and of those that are worth a look. */
  get summary(): string {
    const { of, pairs } = this.index;
    const notable = pairs.filter(({ isNotable }) => isNotable).length;
    return of === "runs"
      ? notable === 0
        ? "equal, but for ids and times"
        : `${notable} of ${plural(pairs.length, "request")} differ`
      : `${plural(pairs.length, "request")}, ${notable} with tokens that a cache could have had`;
  }

  /** `request 8 compared with request 7` */
  nameOf({ before, after }: DiffPair): string {
    const [left, right] = [this.#requestName(before, "first"), this.#requestName(after, "second")];
    if (left === undefined || right === undefined) return left ?? right ?? "";
    return `${right} compared with ${left}`;
  }

  /** Members and elements a request sends; none for one that is not there. */
  sideOf(request: number | undefined): {
    readonly members: readonly (readonly [string, number])[];
    readonly input: readonly number[];
  } {
    const { requests } = this.index;
    const members = requests[request ?? -1]?.members ?? [];
    return { members, input: inputOf(requests, request ?? -1) };
  }

  #requestName(request: number | undefined, run: string): string | undefined {
    const facts = this.index.requests[request ?? -1];
    if (facts === undefined) return undefined;
    return `request ${facts.number}${this.index.of === "runs" ? ` of the ${run} run` : ""}`;
  }
}
