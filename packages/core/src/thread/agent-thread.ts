import type { Agent, AgentResultFacts, AgentThread, ChildPlan } from "../agents/agent.ts";
import type { TurnCause } from "../agents/mailbox.ts";
import type { Emit } from "../events/thread-event.ts";
import type { TurnSettings } from "../turn/turn-settings.ts";
import type { TurnInput, TurnOptions } from "./thread-options.ts";
import type { TurnSchedule } from "./turn-schedule.ts";

export interface AgentThreadParts {
  readonly turns: TurnSchedule;
  /** Settings of turns that are given no others. */
  readonly settings: TurnSettings;
  readonly emit: Emit;
  readonly startChild: (plan: ChildPlan, settings: TurnSettings) => void;
  readonly reopenChild: (agent: Agent, settings: TurnSettings) => boolean;
  readonly close: () => Promise<void>;
}

/** A thread as the agents around it see it. */
export class ThreadOfAgent implements AgentThread {
  readonly #parts: AgentThreadParts;

  constructor(parts: AgentThreadParts) {
    this.#parts = parts;
  }

  get #settings(): TurnSettings {
    return this.#parts.turns.running?.turn.settings ?? this.#parts.settings;
  }

  get model(): TurnSettings["model"] {
    return this.#settings.model;
  }

  get reasoningEffort(): string | undefined {
    const { reasoningEffort, model } = this.#settings;
    return reasoningEffort ?? model.default_reasoning_level;
  }

  startChild(plan: ChildPlan): void {
    this.#parts.startChild(plan, this.#settings);
  }

  reopenChild(agent: Agent): boolean {
    return this.#parts.reopenChild(agent, this.#settings);
  }

  readMail(cause: TurnCause, author: string): void {
    const { turns, settings } = this.#parts;
    turns.add({ task: { type: "mail", author }, options: causedBy(cause), settings });
  }

  submit(input: readonly TurnInput[], cause: TurnCause): string {
    const { turns, settings } = this.#parts;
    const turn = turns.running?.turn;
    if (turn?.pending.add(input) !== undefined) return turn.turnId;
    return turns.add({ task: { type: "input", input }, options: causedBy(cause), settings }).turnId;
  }

  onInput(listener: () => void): () => void {
    return this.#parts.turns.running?.turn.pending.onArrival(listener) ?? (() => undefined);
  }

  get isBusy(): boolean {
    return !this.#parts.turns.isIdle;
  }

  async interrupt(): Promise<void> {
    await this.#parts.turns.stop();
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  emitResult(result: AgentResultFacts): void {
    this.#parts.emit({
      type: "agent_result",
      child_turn_id: result.turnId,
      child_agent_path: result.agentPath,
      parent_thread_id: result.parentThreadId,
      message: result.message,
      status: result.status,
    });
  }
}

function causedBy({ turnId, rootTurnId }: TurnCause): TurnOptions {
  return turnId === "" ? {} : { parentTurnId: turnId, rootTurnId };
}
