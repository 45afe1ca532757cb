import type { ThreadTrace, ToolDispatchTrace } from "@codex-ts/rollout-trace";
import { AgentSession, IdSource, type OpenCall, type RunningResponse } from "./agent-session.ts";
import { AGENT_STEPS } from "./random-agent-steps.ts";
import { CODE_STEPS } from "./random-code-steps.ts";
import { endResponse, RESPONSE_STEPS } from "./random-response-steps.ts";
import { TOOL_STEPS } from "./random-tool-steps.ts";

/** Gives an index below `count`; all randomness of a run comes from here. */
export type Pick = (count: number) => number;

/** A call that its tool works on. */
export interface RunningTool {
  readonly call: OpenCall;
  readonly dispatch: ToolDispatchTrace;
  /** Set when a process was started for it. */
  processId?: string;
}

/** One thread of a random run and what is going on in it. */
export interface Work {
  readonly session: AgentSession;
  readonly responses: (RunningResponse & { readonly endedBefore: number })[];
  readonly tools: RunningTool[];
  /** Code cells that yielded: their runtime ids. */
  readonly cells: string[];
  /** Responses that ended so far. */
  endedResponses: number;
  /** Set while the next request may continue the last response instead of sending the whole history. */
  chain?: { readonly responseId: string; readonly known: number } | undefined;
}

export type Step = (work: Work, run: RandomRun) => void;

/**
 * A run of `steps` random steps over a root thread and its children: responses that overlap, break, are dropped or end
 * late, parallel tools, terminals, code cells, agents that talk, turns that end in the middle, compactions.
 */
export function recordRandomSession(trace: ThreadTrace, pick: Pick, steps: number): void {
  const run = new RandomRun(trace, pick);
  for (let step = 0; step < steps; step += 1) run.step();
  run.end();
}

export class RandomRun {
  readonly pick: Pick;
  readonly ids: IdSource = new IdSource();
  readonly works: Work[] = [];
  readonly #sendsIds: boolean;

  constructor(trace: ThreadTrace, pick: Pick) {
    this.pick = pick;
    this.#sendsIds = this.isRare(3);
    this.open(trace);
  }

  open(trace: ThreadTrace): Work {
    const work: Work = {
      session: new AgentSession(trace, this.ids, { sendsIds: this.#sendsIds }),
      responses: [],
      tools: [],
      cells: [],
      endedResponses: 0,
    };
    this.works.push(work);
    return work;
  }

  oneOf<T>(list: readonly T[]): T {
    const element = list[this.pick(list.length)];
    if (element === undefined) throw new Error("nothing to pick from");
    return element;
  }

  /** True once in `count` times. */
  isRare(count: number): boolean {
    return this.pick(count) === count - 1;
  }

  step(): void {
    this.oneOf(STEPS)(this.oneOf(this.works), this);
  }

  /** Threads end in any order; what still runs may end before, after, or never. */
  end(): void {
    const open = [...this.works];
    while (open.length > 0) {
      const [work] = open.splice(this.pick(open.length), 1);
      if (work === undefined) return;
      if (this.pick(2) === 0) endResponse(work, this);
      if (!this.isRare(4)) work.session.endTurn("completed");
      if (!this.isRare(4)) work.session.trace.recordEnded("completed");
      void work.session.trace.close();
      if (this.pick(2) === 0) endResponse(work, this);
    }
  }
}

const STEPS: readonly Step[] = [
  ...RESPONSE_STEPS,
  ...RESPONSE_STEPS,
  ...TOOL_STEPS,
  ...CODE_STEPS,
  ...AGENT_STEPS,
];
