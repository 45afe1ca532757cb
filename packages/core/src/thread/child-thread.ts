import type { ResponseItem } from "@codex-ts/protocol";
import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import type { Agent, ChildPlan } from "../agents/agent.ts";
import type { AgentTree } from "../agents/agent-tree.ts";
import { identityOf } from "../agents/agent-tree.ts";
import { taskName } from "../agents/agent-path.ts";
import { forkedHistory, isCutShort } from "../agents/fork-history.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import { findSession } from "../session/open-session.ts";
import { resumption } from "../session/thread-start.ts";
import type { ThreadStart } from "../session/thread-start.ts";
import { modelInstructions } from "../turn/turn-surroundings.ts";
import type { McpServerSet } from "../tools/mcp/mcp-server-set.ts";
import type { TurnSettings } from "../turn/turn-settings.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import type { ThreadState } from "./thread-state.ts";
import { threadMetadata } from "./thread-trace.ts";

/** A thread that another one has started. */
export interface ThreadLineage {
  readonly tree: AgentTree;
  readonly agent: Agent;
  readonly trace: ThreadTrace;
  /** The servers of the thread that started it, and that ends them. */
  readonly mcp: McpServerSet | undefined;
  /** Its part of its parent's history; none without a fork. */
  readonly history: readonly ResponseItem[];
  /** The surroundings its model knows from there. */
  readonly referenceContext: RecordedContext | undefined;
  /** Whether it begins with history of its parent. */
  readonly isFork: boolean;
  /** The context window it goes on in; `undefined`: one of its own. */
  readonly contextWindowId: string | undefined;
}

/** Who starts a child, and with which settings. */
interface ChildParent {
  readonly tree: AgentTree;
  readonly options: ResolvedOptions;
  readonly state: ThreadState;
  /** Those of the turn that starts it. */
  readonly settings: TurnSettings;
}

/** Options of the thread of an agent: those of its parent's turn, with an identity of its own. */
export function childOptions(
  { tree, options, state, settings }: ChildParent,
  plan: Pick<ChildPlan, "agent" | "model" | "reasoningEffort"> & { readonly isFork: boolean },
): ResolvedOptions {
  const { threadId, parent, path, nickname, role, depth } = plan.agent.facts;
  const parentThreadId = parent?.facts.threadId ?? threadId;
  const { instructions } = state.facts;
  const isOfModel = instructions === modelInstructions(state.facts.settings.model);
  const model = plan.model ?? settings.model;
  const reasoningEffort =
    plan.reasoningEffort ?? settings.reasoningEffort ?? model.default_reasoning_level;
  const { workspace: _workspace, trace: _trace, onEvent: _onEvent, ...shared } = options;
  const onEvent = tree.settings.onThread?.(identityOf(plan.agent));
  const baseInstructions = options.baseInstructions ?? (isOfModel ? undefined : instructions);
  return {
    ...shared,
    ...(onEvent !== undefined && { onEvent }),
    cwd: settings.cwd,
    model,
    sandboxMode: settings.sandboxMode,
    approvalPolicy: settings.approvalPolicy,
    skills: settings.skills,
    ...(reasoningEffort !== undefined && { reasoningEffort }),
    ...(settings.reasoningSummary !== undefined && { reasoningSummary: settings.reasoningSummary }),
    ...(settings.serviceTier !== undefined && { serviceTier: settings.serviceTier }),
    ...(settings.userInstructions !== undefined && {
      userInstructions: settings.userInstructions,
    }),
    ...(baseInstructions !== undefined && { baseInstructions }),
    sessionId: tree.root.facts.threadId,
    parentThreadId,
    ...(plan.isFork && tree.form.forksNameSource && { forkedFromThreadId: parentThreadId }),
    threadSource: "subagent",
    sessionSource: {
      subagent: {
        thread_spawn: {
          parent_thread_id: parentThreadId,
          depth,
          agent_path: path,
          agent_nickname: nickname,
          agent_role: role,
        },
      },
    },
  };
}

/** The beginnings of a new agent. */
export function childLineage(
  { tree, state }: ChildParent,
  { agent, fork }: ChildPlan,
  options: ResolvedOptions,
): ThreadLineage {
  const { path, nickname, role } = agent.facts;
  const isFork = fork !== "none";
  const metadata = {
    ...threadMetadata(options, agent.facts.threadId, path ?? "/root"),
    taskName: path === null ? null : taskName(path),
    nickname,
    agentRole: role,
  };
  return {
    tree,
    agent,
    trace: state.facts.trace.startChild(metadata),
    mcp: state.facts.mcp,
    history: forkedHistory(state.facts.history.items, fork, tree.form),
    referenceContext: isFork && !isCutShort(fork, tree.form) ? state.referenceContext : undefined,
    isFork,
    contextWindowId:
      isFork && tree.form.forks === "whole" ? state.facts.client.contextWindowId : undefined,
  };
}

/** An agent that was closed, from its session file; `undefined` when it is not kept. Throws `ThreadError`. */
export function reopenedChild(
  parent: ChildParent,
  agent: Agent,
):
  | {
      readonly options: ResolvedOptions;
      readonly start: ThreadStart;
      readonly lineage: ThreadLineage;
    }
  | undefined {
  const { codexHome, ephemeral } = parent.options;
  if (codexHome === undefined || ephemeral === true) return undefined;
  const session = findSession(codexHome, agent.facts.threadId, { isWriter: true });
  return {
    options: childOptions(parent, { agent, isFork: false }),
    start: resumption(session),
    lineage: {
      tree: parent.tree,
      agent,
      // The recording has seen this thread end.
      trace: ThreadTrace.disabled(),
      mcp: parent.state.facts.mcp,
      history: [],
      referenceContext: undefined,
      isFork: false,
      contextWindowId: undefined,
    },
  };
}

/** Begins with what the parent hands on. */
export function inherit(state: ThreadState, lineage: ThreadLineage): void {
  if (lineage.history.length > 0) state.facts.history.restore(lineage.history);
  if (!lineage.isFork) return;
  state.referenceContext = lineage.referenceContext;
  state.isFork = true;
}
