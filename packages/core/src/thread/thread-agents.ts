import type { Agent, ChildPlan } from "../agents/agent.ts";
import { agentInstructions } from "../agents/agent-instructions.ts";
import type { AgentInstructions } from "../agents/agent-instructions.ts";
import { AgentTree } from "../agents/agent-tree.ts";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import type { Emit } from "../events/thread-event.ts";
import type { ThreadEventStream } from "../events/thread-event-stream.ts";
import { TurnEventQueue } from "../events/turn-event-queue.ts";
import type { TurnEventSink } from "../events/turn-event-queue.ts";
import type { AgentToolSettings } from "../tools/agents/agent-toolset.ts";
import type { TurnSettings } from "../turn/turn-settings.ts";
import { ThreadOfAgent } from "./agent-thread.ts";
import { childLineage, childOptions, reopenedChild } from "./child-thread.ts";
import type { ThreadLineage } from "./child-thread.ts";
import type { ThreadStart } from "../session/thread-start.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { ThreadState } from "./thread-state.ts";
import type { TurnSchedule } from "./turn-schedule.ts";

/** Makes the thread of an agent; it joins the others by itself. */
export type StartThread = (
  options: ResolvedOptions,
  start: ThreadStart | undefined,
  lineage: ThreadLineage,
) => unknown;

/** A thread as one of the agents of its session. */
export class ThreadAgents {
  readonly tree: AgentTree;
  readonly agent: Agent;
  readonly lineage: ThreadLineage | undefined;

  private constructor(tree: AgentTree, agent: Agent, lineage: ThreadLineage | undefined) {
    this.tree = tree;
    this.agent = agent;
    this.lineage = lineage;
  }

  /** `undefined` for a thread that has no agents. `sink`: takes the events of those below it. */
  static of(
    options: ResolvedOptions,
    facts: {
      readonly threadId: string;
      readonly lineage: ThreadLineage | undefined;
      readonly sink: TurnEventSink;
    },
  ): ThreadAgents | undefined {
    const { lineage, threadId, sink } = facts;
    if (lineage !== undefined) return new ThreadAgents(lineage.tree, lineage.agent, lineage);
    const { subagents, model, compatibility, random } = options;
    const version = subagents?.version ?? model.multi_agent_version ?? "v2";
    if (subagents === undefined || version === "disabled") return undefined;
    const tree = new AgentTree({
      version,
      settings: subagents,
      form: compatibilityProfile(compatibility).agents,
      rootThreadId: threadId,
      random,
      sink,
    });
    return new ThreadAgents(tree, tree.root, undefined);
  }

  /** For the tools of the thread; `undefined`: it may start no agents. */
  toolSettings({ model }: ResolvedOptions): AgentToolSettings | undefined {
    if (!this.tree.maySpawn(this.agent, model)) return undefined;
    return { tree: this.tree, self: this.agent };
  }

  /** Messages for the model about other agents; there are none about agents that are called by id. */
  get instructions(): AgentInstructions | undefined {
    if (this.tree.version === "v1") return undefined;
    return agentInstructions(this.agent, this.tree.settings, this.tree.form);
  }

  /** The queue of a turn: of an agent's turn the events go to the consumer of the root. */
  newQueue(turnId: string): TurnEventQueue {
    const { tree, agent } = this;
    if (agent === tree.root) return new TurnEventQueue();
    return new TurnEventQueue({
      push: (event) => {
        if (event.type !== "agentEvent") tree.show(agent, turnId, event);
      },
      behind: () => tree.behind(),
    });
  }

  /** From here on other agents can reach the thread, and know what it does. */
  join(
    options: ResolvedOptions,
    parts: {
      readonly state: ThreadState;
      readonly turns: TurnSchedule;
      readonly events: ThreadEventStream;
      readonly emit: Emit;
      readonly close: () => Promise<void>;
      readonly startThread: StartThread;
    },
  ): void {
    const { tree, agent } = this;
    const { state, turns, events, emit, close, startThread } = parts;
    const parent = (settings: TurnSettings) => ({ tree, options, state, settings });
    const startChild = (plan: ChildPlan, settings: TurnSettings): void => {
      const child = childOptions(parent(settings), { ...plan, isFork: plan.fork !== "none" });
      startThread(child, undefined, childLineage(parent(settings), plan, child));
    };
    const reopenChild = (child: Agent, settings: TurnSettings): boolean => {
      const reopened = reopenedChild(parent(settings), child);
      if (reopened === undefined) return false;
      startThread(reopened.options, reopened.start, reopened.lineage);
      return true;
    };
    const { settings } = state.facts;
    agent.attach(new ThreadOfAgent({ turns, settings, emit, startChild, reopenChild, close }));
    events.subscribe((event) => agent.note(event, tree.observer));
  }
}
