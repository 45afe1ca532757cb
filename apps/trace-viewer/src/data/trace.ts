import { inputOf } from "@codex-ts/rollout-trace/requests";
import type { InputList } from "@codex-ts/rollout-trace/requests";
import type {
  PageIndex,
  PageItem,
  PageRequest,
  PageTool,
  PageTurn,
} from "@codex-ts/trace-viewer-page/format";
import { duration, plural } from "./numbers.ts";
import { TextStore } from "./text-store.ts";

/** The trace a page shows: the index, its texts, and what follows from them. */
export class Trace {
  readonly index: PageIndex;
  readonly texts: TextStore;
  readonly #seenLists: readonly { readonly input: InputList }[];
  #firstSeenIn: Map<number, number> | undefined;

  constructor(index: PageIndex) {
    this.index = index;
    this.texts = new TextStore(index.texts);
    this.#seenLists = index.requests.map(({ seen }) => ({ input: seen }));
  }

  request(number: number): PageRequest | undefined {
    return this.index.requests[number];
  }

  /** Tokens, times and cost of a request: one source for all that shows them. */
  ledgerOf(request: number): PageIndex["ledger"]["requests"][number] | undefined {
    return this.index.ledger.requests[request];
  }

  /** How long a request took, from its start to its end in the trace; `undefined` while it runs. */
  timeOf(request: number): string | undefined {
    const ms = this.ledgerOf(request)?.durationMs;
    return ms === undefined ? undefined : duration(ms);
  }

  item(number: number): PageItem | undefined {
    return this.index.items[number];
  }

  tool(number: number): PageTool | undefined {
    return this.index.tools[number];
  }

  /** Numbers of the items the model saw at a request, in order. */
  seen(request: number): readonly number[] {
    return inputOf(this.#seenLists, request);
  }

  /** Texts of the elements a request sent. */
  sent(request: number): readonly number[] {
    return inputOf(this.index.requests, request);
  }

  /** The first request that showed an item; `undefined` for one that no request showed. */
  firstSeenIn(item: number): number | undefined {
    if (this.#firstSeenIn === undefined) {
      const first = new Map<number, number>();
      for (const [number, { seen, output }] of this.index.requests.entries()) {
        for (const each of seen.own) if (!first.has(each)) first.set(each, number);
        for (const each of output) if (!first.has(each)) first.set(each, number);
      }
      this.#firstSeenIn = first;
    }
    return this.#firstSeenIn.get(item);
  }

  /** `1 of 2 turns failed`; `undefined`: none did. A recording that was ended in order is complete nevertheless. */
  get failedTurns(): string | undefined {
    return failedText(this.index.turns);
  }

  /** The same of one agent: its thread ends in order also when its turns failed. */
  failedTurnsOf(agent: number): string | undefined {
    return failedText(this.index.turns.filter((turn) => turn.agent === agent));
  }

  agentName(agent: number): string {
    return this.index.agents[agent]?.path ?? "unknown agent";
  }

  /** Text of a member of a request, as a number of texts. */
  member(request: number, name: string): number | undefined {
    return this.request(request)?.members.find(([each]) => each === name)?.[1];
  }
}

function failedText(turns: readonly PageTurn[]): string | undefined {
  const failed = turns.filter(
    ({ execution, failure }) => execution.status === "failed" || failure !== undefined,
  ).length;
  return failed === 0 ? undefined : `${failed} of ${plural(turns.length, "turn")} failed`;
}

/** In a few words why a request did not get its response; `undefined` where nothing says so. */
export function whyOf({ failure, wire }: PageRequest): string | undefined {
  return wire?.reason ?? wire?.finding?.sentence ?? failure;
}

/** The id a server knows a request by. A connection's id is no request's, so it has a name of its own. */
export function upstreamOf(
  request: PageRequest | undefined,
): readonly [name: string, value: string | null] {
  const id = request?.upstreamId ?? null;
  const [name, value] = (id === null ? request?.wire?.connection : undefined) ?? [
    "x-request-id",
    id,
  ];
  // Support wants the id of the try that failed, and this is another one.
  return [(request?.wire?.sent ?? 1) > 1 ? `${name} of the last try` : name, value];
}
