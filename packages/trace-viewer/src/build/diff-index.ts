import type { TextId, TraceContents } from "@codex-ts/rollout-trace";
import {
  alignRuns,
  compareRuns,
  judgeCaching,
  requestTexts,
} from "@codex-ts/rollout-trace/requests";
import type { RequestTexts } from "@codex-ts/rollout-trace/requests";
import type {
  DiffIndex,
  DiffPair,
  DiffRequest,
  TextTable,
} from "@codex-ts/trace-viewer-page/format";
import { withItemNumber } from "./page-index.ts";
import { SharedLists } from "./shared-lists.ts";
import type { TextBlocks } from "./text-blocks.ts";

type Prepared = (texts: TextTable) => DiffIndex;

/** Every request of a run beside the one before it in its thread. */
export function diffOfRequests(contents: TraceContents, blocks: TextBlocks): Prepared {
  const { requests, state, texts } = contents;
  const lanes = new Lanes(texts, blocks);
  for (const [index, { threadId }] of requests.entries())
    lanes.add(threadId, index + 1, requestTexts(requests, index));
  const pairs = judgeCaching(contents).map((verdict, after): DiffPair => {
    const threadId = requests[after]?.threadId ?? "";
    return {
      agent: Object.hasOwn(state.threads, threadId)
        ? (state.threads[threadId]?.agent_path ?? "")
        : "",
      before: verdict.previous === undefined ? undefined : verdict.previous - 1,
      after,
      isNotable: verdict.isMiss,
      verdict: { ...verdict, reason: withItemNumber(verdict.reason) },
    };
  });
  return lanes.index("requests", pairs);
}

/** Two requests of a run, by their numbers from 1. */
export function diffOfPair(
  { requests, texts }: TraceContents,
  pair: readonly [number, number],
  blocks: TextBlocks,
): Prepared {
  const lanes = new Lanes(texts, blocks);
  const [before, after] = pair.map((number) =>
    lanes.add("", number, requestTexts(requests, number - 1)),
  );
  return lanes.index("pair", [{ agent: "", before, after, isNotable: true, verdict: undefined }]);
}

/** Two runs, request by request. */
export function diffOfRuns(
  before: TraceContents,
  after: TraceContents,
  blocks: TextBlocks,
): Prepared {
  const { pairs: compared } = compareRuns(before, after);
  const { pairs: aligned, texts } = alignRuns(before, after);
  const lanes = new Lanes(texts, blocks);
  const pairs = aligned.map(({ agentPath, before: left, after: right }, index): DiffPair => ({
    agent: agentPath,
    before: left && lanes.add(agentPath, left.number, left.request),
    after: right && lanes.add(agentPath, right.number, right.request),
    isNotable: compared[index]?.isEqual !== true,
    verdict: undefined,
  }));
  return lanes.index("runs", pairs);
}

/** Requests with the texts they need, of those that follow each other only what is new. */
class Lanes {
  readonly #requests: DiffRequest[] = [];
  readonly #lists: SharedLists<TextId>;
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Map<TextId, TextId>();
  readonly #texts: readonly string[];
  readonly #blocks: TextBlocks;

  constructor(texts: readonly string[], blocks: TextBlocks) {
    this.#texts = texts;
    this.#blocks = blocks;
    this.#lists = new SharedLists((id) => this.#kept(id));
  }

  /** Returns the number of the request in the index. */
  add(lane: string, number: number, { members, input }: RequestTexts): number {
    const index = this.#requests.length;
    const laneNumber = this.#numbers.get(lane) ?? this.#numbers.size;
    this.#numbers.set(lane, laneNumber);
    this.#requests.push({
      number,
      members: members.map(([name, id]) => [name, this.#kept(id)] as const),
      input: this.#lists.add(laneNumber, index, input),
    });
    return index;
  }

  index(of: DiffIndex["of"], pairs: readonly DiffPair[]): Prepared {
    const prepared = { version: 1, kind: "diff", writer: "codex-ts", of, pairs } as const;
    return (texts) => ({ ...prepared, requests: this.#requests, texts });
  }

  /** Number of a text in the page, which gets those alone that something needs. */
  #kept(id: TextId): TextId {
    const known = this.#ids.get(id) ?? this.#blocks.add(this.#texts[id] ?? "");
    this.#ids.set(id, known);
    return known;
  }
}
