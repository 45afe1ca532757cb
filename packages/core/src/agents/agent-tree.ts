import { newThreadId } from "@codex-ts/protocol";
import type { AgentStatus, ModelInfo, ResponseItem } from "@codex-ts/protocol";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { AgentEvent, AgentIdentity, TurnEvent } from "../events/turn-event.ts";
import type { TurnEventSink } from "../events/turn-event-queue.ts";
import { Agent } from "./agent.ts";
import type { AgentFacts, ForkedTurns } from "./agent.ts";
import { ROOT_PATH, isWithin } from "./agent-path.ts";
import { modelMessage, notificationMessage, resultMessage, resultText } from "./agent-mail.ts";
import { isBusy } from "./agent-status.ts";
import type { AgentMail, TurnCause } from "./mailbox.ts";
import { chooseNickname } from "./nicknames.ts";
import type { SubagentOptions } from "./subagent-options.ts";

/** An agent could not be started or given a task: the message is for the model. */
export class AgentRefusal extends Error {
  override readonly name: string = "AgentRefusal";
}

/** Machine-read, the same in Codex. */
const LIMIT_REACHED = "agent thread limit reached";

const DEFAULT_MAX_AGENTS = { v1: 6, v2: 3 };

/** Most agents that are kept when they have nothing to do; their history takes memory. Own choice. */
const MAX_IDLE_AGENTS = 64;

export interface AgentTreeOptions {
  readonly version: "v1" | "v2";
  readonly settings: SubagentOptions;
  readonly form: CompatibilityProfile["agents"];
  readonly rootThreadId: string;
  readonly random: () => number;
  /** Takes the events of agents for the consumer of the root's turn. */
  readonly sink: TurnEventSink;
}

/** How an agent is to begin. */
export interface SpawnPlan {
  /** Name under its parent; `null` for an agent that is called by its id. */
  readonly path: string | null;
  readonly role: string | null;
  readonly fork: ForkedTurns;
  readonly model?: ModelInfo | undefined;
  readonly reasoningEffort?: string | undefined;
}

/** The agents of one session: that of the thread a person talks to, and all it and they have started. */
export class AgentTree {
  readonly version: "v1" | "v2";
  readonly settings: SubagentOptions;
  readonly form: CompatibilityProfile["agents"];
  readonly root: Agent;
  readonly #options: AgentTreeOptions;
  /** Those started by others, by the id of their thread, in the order they were. */
  readonly #agents = new Map<string, Agent>();
  readonly #closing = new Set<Promise<void>>();
  /** Those that may be opened again. */
  readonly #closed = new Map<string, AgentFacts>();
  #isClosed = false;

  constructor(options: AgentTreeOptions) {
    this.#options = options;
    this.version = options.version;
    this.settings = options.settings;
    this.form = options.form;
    this.root = new Agent(
      {
        threadId: options.rootThreadId,
        path: ROOT_PATH,
        nickname: null,
        role: null,
        depth: 0,
        parent: undefined,
      },
      options.form,
    );
  }

  /** Whether an agent may start others. */
  maySpawn({ facts: { depth } }: Agent, model: ModelInfo): boolean {
    const { maxDepth } = this.settings;
    if (maxDepth !== undefined) return depth < maxDepth;
    if (depth === 0) return true;
    return (
      this.version === "v2" && (!this.form.agentsNeedModel || model.multi_agent_version === "v2")
    );
  }

  /** The root or an agent that is not closed. */
  byId(threadId: string): Agent | undefined {
    return threadId === this.root.facts.threadId ? this.root : this.#agents.get(threadId);
  }

  byPath(path: string): Agent | undefined {
    if (path === ROOT_PATH) return this.root;
    return this.#agents.values().find(({ facts }) => facts.path === path);
  }

  /** The root and the agents with a path, sorted by it. */
  get withPath(): readonly (Agent & { readonly facts: { readonly path: string } })[] {
    return [this.root, ...this.#agents.values()]
      .filter(
        (agent): agent is Agent & { readonly facts: { readonly path: string } } =>
          agent.facts.path !== null,
      )
      .toSorted((left, right) => (left.facts.path < right.facts.path ? -1 : 1));
  }

  /** Starts an agent that has nothing to do yet. Throws `AgentRefusal`. */
  spawn(parent: Agent, plan: SpawnPlan): Agent {
    if (this.#isClosed) throw new AgentRefusal("collab spawn failed: the session is closed");
    if (this.#isFull()) throw new AgentRefusal(`collab spawn failed: ${LIMIT_REACHED}`);
    const { path, role } = plan;
    const nickname = chooseNickname(
      new Set([...this.#agents.values()].map(({ facts }) => facts.nickname ?? "")),
      this.#options.random,
    );
    const agent = new Agent(
      { threadId: newThreadId(), path, nickname, role, depth: parent.facts.depth + 1, parent },
      this.form,
    );
    this.#agents.set(agent.facts.threadId, agent);
    try {
      parent.thread.startChild({ ...plan, agent });
    } catch (error) {
      this.#agents.delete(agent.facts.threadId);
      const reason = error instanceof Error ? error.message : String(error);
      throw new AgentRefusal(`collab spawn failed: ${reason}`);
    }
    this.#closeIdle();
    return agent;
  }

  /** Opens an agent again that was closed; `undefined` when there was none of that id, or it is not kept. Throws `AgentRefusal`. */
  reopen(parent: Agent, threadId: string): Agent | undefined {
    const facts = this.#closed.get(threadId);
    if (facts === undefined || this.#isClosed) return undefined;
    if (this.#isFull()) throw new AgentRefusal(`collab resume failed: ${LIMIT_REACHED}`);
    const agent = new Agent(facts, this.form);
    try {
      if (!parent.thread.reopenChild(agent)) return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AgentRefusal(`collab resume failed: ${reason}`);
    }
    this.#closed.delete(threadId);
    this.#agents.set(threadId, agent);
    return agent;
  }

  /** Hands its first task to an agent that was just started. */
  assign(from: Agent, to: Agent, text: string): void {
    const mail = this.#mail(from, to, text, { isTask: true });
    to.mailbox.push(mail);
    to.readMail(mail);
  }

  /** Hands a message of one agent to another. A task begins a turn of an agent that is idle. Throws `AgentRefusal`. */
  send(from: Agent, to: Agent, text: string, { isTask }: { readonly isTask: boolean }): void {
    this.makeRoomFor(isTask ? to : undefined);
    to.lastTask = null;
    to.receive(this.#mail(from, to, text, { isTask }));
  }

  /** Throws `AgentRefusal` when an idle agent cannot be given a task. */
  makeRoomFor(agent: Agent | undefined): void {
    if (agent === undefined || isBusy(agent.status) || this.version === "v1" || !this.#isFull())
      return;
    throw new AgentRefusal(`collab tool failed: ${LIMIT_REACHED}`);
  }

  /** Aborts the turns of all agents below one. */
  async interruptBelow(agent: Agent): Promise<void> {
    const busy = this.#below(agent).filter(({ status }) => isBusy(status));
    await Promise.all(busy.map((below) => below.interrupt()));
  }

  /** Closes an agent and those below it. */
  async close(agent: Agent): Promise<void> {
    await this.#close([...this.#below(agent), agent]);
  }

  /** Closes the agents below one, whose own thread is being closed. */
  async closeBelow(agent: Agent): Promise<void> {
    if (agent === this.root) this.#isClosed = true;
    else this.#agents.delete(agent.facts.threadId);
    await this.#close(this.#below(agent));
  }

  async #close(agents: readonly Agent[]): Promise<void> {
    for (const { facts } of agents) {
      this.#agents.delete(facts.threadId);
      if (this.version === "v1") this.#closed.set(facts.threadId, facts);
    }
    const closing = agents.map(({ thread }) => {
      const closed = thread.close().finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
      return closed;
    });
    // The root ends last, whoever closes the others.
    await Promise.all(this.#isClosed ? this.#closing : closing);
  }

  /** Takes in what happens in the thread of an agent. */
  readonly observer = {
    onTurnEnded: (agent: Agent, turn: TurnCause): void => {
      this.#report(agent, turn);
      const { trigger } = agent.mailbox;
      if (trigger !== undefined) agent.readMail(trigger);
    },
    // What agents were asked by one that was stopped nobody waits for.
    onTurnAborted: (agent: Agent): void => void this.interruptBelow(agent),
  };

  /** Shows an event of an agent's turn to those who listen to the root. */
  show(agent: Agent, turnId: string, event: Exclude<TurnEvent, AgentEvent>): void {
    const shown: AgentEvent = { type: "agentEvent", agent: identityOf(agent), turnId, event };
    this.#options.sink.push(shown);
    try {
      this.settings.onEvent?.(shown);
    } catch {
      // A listener must not be able to break the agents it listens to.
    }
  }

  /** Settles when the consumer of the root's turn has caught up; `undefined` while it keeps up. */
  behind(): Promise<void> | undefined {
    return this.#options.sink.behind();
  }

  /** Notifies a parent of the end of a turn of its agent. */
  #report(agent: Agent, turn: TurnCause): void {
    const { parent, threadId, path } = agent.facts;
    if (parent === undefined || parent.status === "shutdown") return;
    const { status } = agent;
    if (path === null) {
      if (!agent.isAwaited) return;
      agent.isAwaited = false;
      const item = notificationMessage(threadId, status);
      this.#deliver(parent, { item, author: threadId, text: "", turn });
      return;
    }
    const address = { author: path, recipient: parent.name };
    const text = resultText(address, status, this.form);
    agent.thread.emitResult({
      turnId: turn.turnId,
      parentThreadId: parent.facts.threadId,
      agentPath: path,
      message: text,
      status,
    });
    this.#deliver(parent, { item: resultMessage(address, text), author: path, text, turn });
    parent.lastTask = text;
  }

  #mail(from: Agent, to: Agent, text: string, { isTask }: { readonly isTask: boolean }): AgentMail {
    const address = { author: from.name, recipient: to.name };
    return {
      ...address,
      item: modelMessage(address, text, { isTask, form: this.form }),
      text,
      isOfModel: true,
      triggersTurn: isTask,
      cause: causeOf(from),
    };
  }

  #deliver(
    to: Agent,
    {
      item,
      author,
      text,
      turn,
    }: { item: ResponseItem; author: string; text: string; turn: TurnCause },
  ): void {
    to.receive({
      item,
      ...(item.type === "message" && { contentKinds: ["multi_agent.subagent_notification"] }),
      author,
      recipient: to.name,
      text,
      isOfModel: false,
      triggersTurn: false,
      cause: turn,
    });
  }

  #isFull(): boolean {
    const { maxAgents = DEFAULT_MAX_AGENTS[this.version] } = this.settings;
    const counted =
      this.version === "v1"
        ? [...this.#agents.values()]
        : this.#agents.values().filter(isAtWork).toArray();
    return counted.length >= maxAgents;
  }

  /** Those that have waited longest make room. */
  #closeIdle(): void {
    if (this.version === "v1") return;
    const idle = [...this.#agents.values()].filter(
      (agent) => !isAtWork(agent) && !this.#below(agent).some(isAtWork) && !agent.mailbox.has(),
    );
    for (const agent of idle.slice(0, Math.max(0, this.#agents.size - MAX_IDLE_AGENTS))) {
      void this.close(agent).catch(() => undefined);
    }
  }

  #below(agent: Agent): readonly Agent[] {
    if (agent === this.root) return [...this.#agents.values()];
    return [...this.#agents.values()].filter((other) => other !== agent && isBelow(other, agent));
  }
}

/** An agent as applications know it. */
export function identityOf({ facts }: Agent): AgentIdentity {
  const { threadId, path, nickname, depth, parent } = facts;
  return { threadId, path, nickname, depth, parentThreadId: parent?.facts.threadId ?? threadId };
}

/** The turn in which an agent does something; a turn of its parent, for one that has none any more. */
export function causeOf(agent: Agent): TurnCause {
  return agent.turn ?? { turnId: "", rootTurnId: "" };
}

function isAtWork({ status }: { readonly status: AgentStatus }): boolean {
  return isBusy(status);
}

function isBelow(agent: Agent, ancestor: Agent): boolean {
  const { path } = agent.facts;
  if (path !== null && ancestor.facts.path !== null) return isWithin(path, ancestor.facts.path);
  for (let parent = agent.facts.parent; parent !== undefined; parent = parent.facts.parent) {
    if (parent === ancestor) return true;
  }
  return false;
}
