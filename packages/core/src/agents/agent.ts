import type { AgentStatus, ModelInfo } from "@codex-ts/protocol";
import type { ThreadEvent } from "../events/thread-event.ts";
import type { TurnInput } from "../thread/thread-options.ts";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { isBusy } from "./agent-status.ts";
import { Mailbox } from "./mailbox.ts";
import type { AgentMail, TurnCause } from "./mailbox.ts";

/** Facts of an agent that do not change. */
export interface AgentFacts {
  readonly threadId: string;
  /** `/root`, `/root/<name>`…; `null` for an agent that is called by its id. */
  readonly path: string | null;
  readonly nickname: string | null;
  readonly role: string | null;
  /** 0 for the thread a person talks to. */
  readonly depth: number;
  readonly parent: Agent | undefined;
}

/** How a new agent differs from its parent. */
export interface ChildPlan {
  readonly agent: Agent;
  /** How much of the parent's history it begins with. */
  readonly fork: ForkedTurns;
  /** Default: those of the parent's turn. */
  readonly model?: ModelInfo | undefined;
  readonly reasoningEffort?: string | undefined;
}

/** Turns of a parent, counted from the last. */
export type ForkedTurns = "none" | "all" | number;

/** The thread of an agent, as the others need it. */
export interface AgentThread {
  /** The model and effort of the turn that runs, else of the next one. */
  readonly model: ModelInfo;
  readonly reasoningEffort: string | undefined;
  /** Makes the thread of a child of this one, which attaches itself to its agent. Throws when it cannot. */
  startChild(plan: ChildPlan): void;
  /** Goes on with the thread of a child that was closed; false when it is not kept. Throws when it cannot. */
  reopenChild(agent: Agent): boolean;
  /** Begins a turn because of mail that waits, after the turns before it. */
  readMail(cause: TurnCause, author: string): void;
  /** Begins a turn with an input, or puts it into the one that runs. Returns the id of the turn. */
  submit(input: readonly TurnInput[], cause: TurnCause): string;
  /** Calls the listener when its user says something more; returns the function that ends it. */
  onInput(listener: () => void): () => void;
  /** Aborts the running turn; settles when it has ended. */
  interrupt(): Promise<void>;
  /** Whether a turn runs or is about to. */
  readonly isBusy: boolean;
  close(): Promise<void>;
  /** Emits that a turn of this thread reached its parent. */
  emitResult(result: AgentResultFacts): void;
}

/** The outcome of a turn of an agent, as its parent receives it. */
export interface AgentResultFacts {
  readonly turnId: string;
  readonly parentThreadId: string;
  readonly agentPath: string;
  readonly message: string;
  readonly status: AgentStatus;
}

/** Listens to an agent. */
export interface AgentObserver {
  /** A turn has ended, and not because it was stopped. */
  onTurnEnded(agent: Agent, turn: TurnCause): void;
  onTurnAborted(agent: Agent): void;
}

/** One agent of a tree: the thread a person talks to, or one that was started by another agent. */
export class Agent {
  readonly facts: AgentFacts;
  readonly mailbox: Mailbox = new Mailbox();
  /** Text of the last message of another agent, where people may read it. */
  lastTask: string | null = null;
  /** Whether its parent is to be notified when it is done, which in `v1` happens once. */
  isAwaited = true;
  #status: AgentStatus = "pending_init";
  #turn: TurnCause | undefined;
  #thread: AgentThread | undefined;
  readonly #form: CompatibilityProfile["agents"];
  readonly #listeners = new Set<() => void>();

  constructor(facts: AgentFacts, form: CompatibilityProfile["agents"]) {
    this.facts = facts;
    this.#form = form;
  }

  get status(): AgentStatus {
    return this.#status;
  }

  /** The turn that runs. */
  get turn(): TurnCause | undefined {
    return this.#turn;
  }

  get thread(): AgentThread {
    if (this.#thread === undefined) throw new TypeError("the agent has no thread yet");
    return this.#thread;
  }

  /** The name by which tools call the agent. */
  get name(): string {
    return this.facts.path ?? this.facts.threadId;
  }

  /** Connects the agent with its thread. */
  attach(thread: AgentThread): void {
    this.#thread = thread;
  }

  /** Takes in what happens in its thread. */
  note(event: ThreadEvent, observer: AgentObserver): void {
    if (event.type === "task_started") {
      this.#turn = { turnId: event.msg.turn_id, rootTurnId: event.facts.rootTurnId };
      this.#become("running");
    } else if (event.type === "task_complete") {
      const turn = this.#turn;
      this.#turn = undefined;
      const { failure } = event.facts;
      const hasFailed = failure !== undefined && this.#form.namesFailures;
      this.#become(
        hasFailed ? { errored: failure.message } : { completed: event.msg.last_agent_message },
      );
      if (turn !== undefined) observer.onTurnEnded(this, turn);
    } else if (event.type === "turn_aborted") {
      this.#turn = undefined;
      this.#become("interrupted");
      observer.onTurnAborted(this);
    } else if (event.type === "shutdown_complete") {
      this.#turn = undefined;
      this.#become("shutdown");
    }
  }

  /** Takes a message of another agent. */
  receive(mail: AgentMail): void {
    this.mailbox.push(mail);
    if (mail.triggersTurn && !isBusy(this.#status)) this.readMail(mail);
  }

  /** Aborts the running turn and one that is about to begin; settles when they have ended. */
  async interrupt(): Promise<void> {
    await this.thread.interrupt();
    if (this.#status === "pending_init" && !this.thread.isBusy) this.#become("interrupted");
  }

  /** Begins a turn because of a message that waits. */
  readMail({ cause, author }: AgentMail): void {
    this.#become("pending_init");
    this.thread.readMail(cause, author);
  }

  /** Hands an input to the agent; one that is idle begins a turn. Returns the id of the turn. */
  submit(input: readonly TurnInput[], cause: TurnCause): string {
    if (!isBusy(this.#status)) this.#become("pending_init");
    return this.thread.submit(input, cause);
  }

  /** Calls the listener when the status changes; returns the function that ends it. */
  onStatus(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #become(status: AgentStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }
}
