import { findModelInfo, providerCapabilities } from "@codex-ts/model-provider";
import { newThreadId } from "@codex-ts/protocol";
import type { ModelInfo } from "@codex-ts/protocol";
import type { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { checkSubagentOptions } from "../agents/subagent-options.ts";
import { ModelClient } from "../client/model-client.ts";
import { ThreadApprovals } from "../approvals/thread-approvals.ts";
import type { CombinedListeners } from "../client/transport-listeners.ts";
import { DEFAULT_COMPACT_PROMPT } from "../compaction/summary.ts";
import { toInputs } from "../context/user-input.ts";
import { checkThreadId, openThreadSession } from "../session/thread-session.ts";
import type { ThreadSession } from "../session/thread-session.ts";
import type { ThreadStart } from "../session/thread-start.ts";
import { checkAbsolutePath } from "./check-absolute-path.ts";
import { commandSettings } from "./command-settings.ts";
import { resumedIdentity, restore, sessionFacts } from "./restore.ts";
import { ThreadError } from "../errors.ts";
import { History } from "../history/history.ts";
import type {
  CodexThread,
  CompactOptions,
  InterruptOptions,
  ReviewOptions,
  RollBackOptions,
  ShellCommandOptions,
  SteerOptions,
  SteerResult,
  Submission,
  SubmitOptions,
  ThreadOptions,
  TurnEnd,
  TurnInput,
  TurnMark,
  TurnOptions,
  TurnStream,
} from "./thread-options.ts";
import { sandboxTag } from "../metadata/sandbox-tag.ts";
import { optionWarnings, resolveOptions } from "./resolve-options.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { openTrace, sessionConfigured, transportListeners } from "./thread-trace.ts";
import type { CommandSettings } from "../tools/exec/start-command.ts";
import { checkMcpServers } from "../tools/mcp/check-mcp-servers.ts";
import { readResourceOf } from "../tools/mcp/read-mcp-resource.ts";
import type { McpResourceAddress, McpResourceReading } from "../tools/mcp/read-mcp-resource.ts";
import type { McpServerSet } from "../tools/mcp/mcp-server-set.ts";
import { serverStatuses } from "../tools/mcp/mcp-server-status.ts";
import type { McpServerStatus } from "../tools/mcp/mcp-server-status.ts";
import { ThreadTools } from "./thread-tools.ts";
import { ServerWait } from "./server-wait.ts";
import { requireMcpServers, threadMcpServers } from "./thread-mcp.ts";
import type { WebSearchOptions } from "../tools/hosted/web-search.ts";
import { GeneratedImages } from "../turn/generated-images.ts";
import { rollBack } from "./roll-back.ts";
import { PendingWarnings } from "./pending-warnings.ts";
import { describeReviewTarget } from "../review/review-target.ts";
import type { ReviewTarget } from "../review/review-target.ts";
import { reviewerOptions } from "../review/reviewer-thread.ts";
import { runTurn } from "../turn/run-turn.ts";
import type { TurnTask } from "../turn/run-turn.ts";
import { modelInstructions } from "../turn/turn-surroundings.ts";
import { inherit } from "./child-thread.ts";
import type { ThreadLineage } from "./child-thread.ts";
import { StartupPrewarm } from "./startup-prewarm.ts";
import { ThreadAgents } from "./thread-agents.ts";
import { ThreadState } from "./thread-state.ts";
import type { ThreadFacts } from "./thread-state.ts";
import { TurnContext } from "../turn/turn-context.ts";
import { checkLimits } from "../turn/turn-limits.ts";
import { PlanItem } from "../events/plan-item.ts";
import { recordInTrace } from "../events/record-in-trace.ts";
import { ThreadEventStream } from "../events/thread-event-stream.ts";
import { toTurnEvents } from "../events/to-turn-events.ts";
import { TurnEventQueue } from "../events/turn-event-queue.ts";
import { isTurnEnd } from "../events/turn-stream.ts";
import { threadSettings, turnSettings } from "./resolve-settings.ts";
import { TurnSchedule } from "./turn-schedule.ts";

/**
 * Starts a thread: a conversation with its history, its trace bundle and its running commands.
 *
 * Rejects with `ThreadError` for options that cannot work; everything a server or a disk does later is an event of a
 * turn. Close the thread, or dispose it.
 */
export async function createThread(options: ThreadOptions): Promise<CodexThread> {
  return startThread(options, undefined);
}

/** Starts a thread, or goes on with one. Rejects with `ThreadError` for options that cannot work. */
export async function startThread(
  options: ThreadOptions,
  start: ThreadStart | undefined,
): Promise<CodexThread> {
  checkAbsolutePath("cwd", options.cwd);
  checkLimits(options);
  if (options.codexHome !== undefined) checkAbsolutePath("codexHome", options.codexHome);
  checkSubagentOptions(options.subagents);
  checkMcpServers(options.mcpServers);
  const thread = new Thread(resolveOptions(options), start);
  try {
    await thread.requireServers();
    return thread;
  } catch (error) {
    await thread.close();
    throw error;
  }
}

type Input = string | readonly TurnInput[];

class Thread implements CodexThread {
  readonly threadId: string;
  readonly #options: ResolvedOptions;
  readonly #commands: CommandSettings;
  readonly #tools: ThreadTools;
  readonly #mcp: McpServerSet | undefined;
  readonly #trace: ThreadTrace;
  readonly #listeners: CombinedListeners;
  readonly #session: ThreadSession | undefined;
  readonly #events = new ThreadEventStream();
  readonly #emit = this.#events.emitterOf(undefined);
  readonly #state: ThreadState;
  readonly #turns = new TurnSchedule({
    begin: (planned) => new TurnContext({ ...planned, thread: this.#state }),
    run: (turn, task) => this.#run(turn, task),
    keepWarning: (message) => this.#state.warnings.add(message),
    newQueue: (turnId) => this.#agents?.newQueue(turnId) ?? new TurnEventQueue(),
  });
  /** The thread among the agents of its session; `undefined` when there are to be none. */
  readonly #agents: ThreadAgents | undefined;
  /** Takes the events of agents while a turn runs. */
  #listening: TurnEventQueue | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: ResolvedOptions, start: ThreadStart | undefined, lineage?: ThreadLineage) {
    this.#options = options;
    this.threadId =
      lineage?.agent.facts.threadId ??
      start?.threadId ??
      recordedThreadId(options) ??
      newThreadId();
    this.#agents = ThreadAgents.of(options, {
      threadId: this.threadId,
      lineage,
      sink: {
        push: (event) => this.#listening?.push(event),
        behind: () => this.#listening?.behind(),
      },
    });
    this.#commands = commandSettings(options, this.threadId);
    // Options that cannot work are refused before anything is begun, written or sent.
    if (options.codexHome !== undefined && options.ephemeral !== true) checkThreadId(this.threadId);
    const warnings = new PendingWarnings(options.onWarning);
    this.#mcp =
      lineage === undefined
        ? threadMcpServers(options, {
            threadId: this.threadId,
            emit: (msg) => this.#emit(msg),
            warn: (warning) => warnings.tellNow(warning),
          })
        : lineage.mcp;
    this.#tools = new ThreadTools(options, {
      commands: this.#commands,
      agents: this.#agents?.toolSettings(options),
      mcp: this.#mcp,
    });
    for (const warning of optionWarnings(options)) warnings.tellNow(warning);
    this.#trace =
      lineage?.trace ?? openTrace(options, this.threadId, (warning) => warnings.add(warning));
    this.#listeners = transportListeners(options, this.#trace);
    const profile = compatibilityProfile(options.compatibility);
    this.#events.subscribe((event) => recordInTrace(this.#trace, event, profile));
    if (options.onEvent !== undefined) this.#events.subscribe(options.onEvent);
    this.#emit(sessionConfigured(options, this.threadId));
    const toolsReady = this.#tools.addServerTools(this.#trace);
    const { mcpStartupWaitMs = profile.mcp.startupWaitMs } = options;
    const serverWait = new ServerWait(toolsReady, mcpStartupWaitMs);
    this.#state = this.#createState(warnings, { start, serverWait });
    this.#session = this.#openSession(warnings, start);
    this.#agents?.join(options, {
      state: this.#state,
      turns: this.#turns,
      events: this.#events,
      emit: this.#emit,
      close: () => this.close(),
      startThread: (...parts) => new Thread(...parts),
    });
    if (lineage === undefined) this.#mcp?.begin();
    if (this.#state.facts.client.websocketsEnabled) {
      if (this.#mcp === undefined) this.#prewarm();
      else void toolsReady.then(() => (serverWait.hasBegun ? undefined : this.#prewarm()));
    }
  }

  /** The request that the server reads ahead names the tools. */
  #prewarm(): void {
    if (this.#closed !== undefined) return;
    this.#state.prewarm = new StartupPrewarm(this.#state.facts.client, this.#state.emptyPrompt());
  }

  /** Rejects with `ThreadError` when a server it cannot do without has not started. */
  async requireServers(): Promise<void> {
    await requireMcpServers(this.#mcp);
  }

  get mcpServers(): readonly McpServerStatus[] {
    return serverStatuses(this.#mcp);
  }

  async readMcpResource(address: McpResourceAddress): Promise<McpResourceReading> {
    return readResourceOf(this.#mcp, address);
  }

  get bundlePath(): string | undefined {
    return this.#trace.bundlePath;
  }

  get sessionPath(): string | undefined {
    return this.#session?.path;
  }

  keep(): void {
    this.#refuseWhenClosed();
    this.#session?.begin();
  }

  runTurn(input: Input, options: TurnOptions = {}): TurnStream {
    this.#refuseWhenClosed();
    if (!this.#turns.isIdle) {
      throw new ThreadError(
        "turn_running",
        "a turn is running; wait for its end, abort it first, or say with `submit` what to do",
      );
    }
    return this.#addTurn(input, options);
  }

  submit(input: Input, options: SubmitOptions): Submission {
    this.#refuseWhenClosed();
    if (this.#turns.isIdle) return { type: "started", turn: this.#addTurn(input, options) };
    // The turn of a command of the user asks no model: nobody would answer.
    const isAnswered = this.#turns.running?.task.type !== "shell_command";
    const canSteer = options.whileRunning === "steer" && isAnswered;
    const steered = canSteer ? this.steer(input, options) : undefined;
    if (steered?.type === "steered") return steered;
    return { type: "queued", turn: this.#addTurn(input, options) };
  }

  steer(input: Input, { clientMetadata, clientMessageId }: SteerOptions = {}): SteerResult {
    this.#refuseWhenClosed();
    const { running } = this.#turns;
    if (running === undefined) return { type: "not_steered", reason: "no_turn" };
    const { type } = running.task;
    if (type === "review") return { type: "not_steered", reason: "reviewing" };
    if (type !== "input" && type !== "shell_command") {
      return { type: "not_steered", reason: "compacting" };
    }
    const { turn } = running;
    const recorded = turn.pending.add(toInputs(input, turn.settings.cwd), clientMessageId);
    if (recorded === undefined) return { type: "not_steered", reason: "no_turn" };
    if (clientMetadata !== undefined) turn.clientMetadata = clientMetadata;
    return { type: "steered", turnId: turn.turnId, recorded };
  }

  async interrupt(options?: InterruptOptions): Promise<TurnEnd | undefined> {
    const end = await this.#turns.interrupt(options);
    await this.#agents?.tree.interruptBelow(this.#agents.agent);
    return end;
  }

  compact({ signal }: CompactOptions = {}): TurnStream {
    this.#refuseWhenClosed();
    return this.#turns.add({
      task: { type: "compaction" },
      options: signal === undefined ? {} : { signal },
      settings: this.#state.facts.settings,
    });
  }

  runShellCommand(command: string, options: ShellCommandOptions = {}): TurnStream {
    this.#refuseWhenClosed();
    return this.#turns.add({
      task: { type: "shell_command", command },
      options,
      settings: turnSettings(this.#state.facts.settings, options, this.#options),
    });
  }

  joinShellCommand(command: string): Promise<void> | undefined {
    this.#refuseWhenClosed();
    const { running } = this.#turns;
    const { joinedCommands } = this.#state;
    return (
      running &&
      joinedCommands.run(
        running.turn,
        command,
        (note) => this.#turns.running?.turn.pending.addNote(note) === true,
      )
    );
  }

  review(target: ReviewTarget, options: ReviewOptions = {}): TurnStream {
    this.#refuseWhenClosed();
    // Refuses one that names nothing.
    describeReviewTarget(target);
    return this.#turns.add({
      task: { type: "review", target },
      options,
      settings: turnSettings(this.#state.facts.settings, options, this.#options),
    });
  }

  rollBack(to: number | TurnMark, options: RollBackOptions = {}): number {
    this.#refuseWhenClosed();
    if (!this.#turns.isIdle) {
      throw new ThreadError("turn_running", "a turn is running; interrupt it, or wait for its end");
    }
    const dropped = rollBack(this.#state, to, { ...options, session: this.#keptSession() });
    if (dropped === undefined) {
      throw new ThreadError(
        "turn_not_found",
        "the thread's session file of 0.171 has no such turn",
      );
    }
    this.#emit(this.#state.tokenCount.event());
    this.#emit({ type: "thread_rolled_back", num_turns: typeof to === "number" ? to : dropped });
    return dropped;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new ThreadError("thread_closed", "the thread is closed; start another");
  }

  /** `undefined`: there is none, or it lacks something. */
  #keptSession(): Parameters<typeof rollBack>[2]["session"] {
    const { codexHome } = this.#options;
    if (codexHome === undefined || this.#session?.isComplete !== true) return undefined;
    const { now, clientVersion = "0.0.0" } = this.#options;
    return {
      file: this.#session,
      codexHome,
      findModel: (slug) => this.#findModel(slug),
      facts: { timestamp: new Date(now()).toISOString(), clientVersion },
    };
  }

  #findModel(slug: string): ModelInfo {
    const options = this.#options;
    return findModelInfo([options.model, ...(options.models ?? [])], slug, options).info;
  }

  #addTurn(input: Input, options: TurnOptions): TurnStream {
    const settings = turnSettings(this.#state.facts.settings, options, this.#options);
    return this.#turns.add({
      task: {
        type: "input",
        input: toInputs(input, settings.cwd),
        clientMessageId: options.clientMessageId,
      },
      options,
      settings,
    });
  }

  async #run(turn: TurnContext, task: TurnTask): Promise<TurnEnd | undefined> {
    let end: TurnEnd | undefined;
    this.#listening = turn.queue;
    const plan = new PlanItem();
    const unsubscribe = this.#events.subscribe((event) => {
      // A command of an earlier turn may still run.
      if (event.turnId !== turn.turnId) return;
      for (const turnEvent of toTurnEvents(event, plan)) {
        turn.queue.push(turnEvent);
        if (!isTurnEnd(turnEvent)) continue;
        end = turnEvent;
        this.#listening = undefined;
      }
    });
    try {
      await runTurn(turn, task);
      return end;
    } finally {
      unsubscribe();
      this.#listening = undefined;
    }
  }

  async #end(): Promise<void> {
    const agents = this.#agents?.tree.closeBelow(this.#agents.agent);
    await this.#turns.close();
    await agents;
    await this.#state.close();
    await this.#tools.codeCells?.close();
    if (this.#agents?.lineage === undefined) await this.#mcp?.close();
    await this.#commands.sessions.close();
    await this.#state.facts.client.close();
    this.#emit({ type: "shutdown_complete" });
    this.#session?.close();
    this.#trace.recordEnded("completed");
    await this.#trace.close();
    this.#state.warnings.tellAll();
  }

  #createState(
    warnings: PendingWarnings,
    {
      start,
      serverWait,
    }: { readonly start: ThreadStart | undefined; readonly serverWait: ServerWait },
  ): ThreadState {
    const options = this.#options;
    const { model, provider } = options;
    const profile = compatibilityProfile(options.compatibility);
    const facts: ThreadFacts = {
      threadId: this.threadId,
      env: options.env,
      shell: options.shell,
      settings: threadSettings(options),
      instructions: options.baseInstructions ?? start?.instructions ?? modelInstructions(model),
      instructionsAreOfModel:
        options.baseInstructions === undefined && start?.instructionsAreOfModel !== false,
      client: this.#createClient(start),
      history: new History(model.truncation_policy, {
        identifiedThreadId: profile.identifiesItems ? this.threadId : undefined,
      }),
      registry: this.#tools.registry,
      useToolsFor: (used) => this.#tools.useModel(used),
      webSearch: toWebSearchOptions(options),
      images:
        options.codexHome === undefined || options.ephemeral === true
          ? undefined
          : new GeneratedImages(options.codexHome, this.threadId),
      commands: this.#commands,
      mcp: this.#mcp,
      serverWait,
      approvals:
        options.onApproval &&
        new ThreadApprovals(options.onApproval, () => void this.#turns.interrupt()),
      codeCells: () => this.#tools.codeCells,
      trace: this.#trace,
      startReviewer: (settings, onEvent) =>
        new Thread({ ...reviewerOptions(options, this.threadId, settings), onEvent }, undefined),
      onRetry: this.#listeners.onRetry,
      onModelsEtag: this.#listeners.onModelsEtag,
      profile,
      errorPolicy: options.errorPolicy,
      streamMaxRetries: provider.info.streamMaxRetries,
      turnLimits: options,
      contextOptions: {
        includePermissionsInstructions: options.includePermissionsInstructions ?? true,
        developerInstructions: options.developerInstructions,
        agents: this.#agents?.instructions,
        workspaceWrite: options.workspaceWrite ?? {},
        canAsk: options.onApproval !== undefined,
      },
      compaction: {
        remote: options.remoteCompaction ?? "v2",
        prompt: options.compactPrompt ?? DEFAULT_COMPACT_PROMPT,
      },
      turnTrigger: options.sessionSource === "exec" ? "exec" : undefined,
      now: options.now,
      random: options.random,
      sleep: options.sleep,
    };
    const state = new ThreadState({
      warnings,
      events: this.#events,
      facts,
      workspace: options.workspace,
      mailbox: this.#agents?.agent.mailbox,
    });
    if (start !== undefined) {
      restore(state, start, (slug) => this.#findModel(slug));
    }
    if (this.#agents?.lineage !== undefined) inherit(state, this.#agents.lineage);
    return state;
  }

  #openSession(
    warnings: PendingWarnings,
    start: ThreadStart | undefined,
  ): ThreadSession | undefined {
    const options = this.#options;
    if (options.codexHome === undefined || options.ephemeral === true) return undefined;
    const session = openThreadSession({
      codexHome: options.codexHome,
      compatibility: options.compatibility,
      facts: sessionFacts(options, this.#state.facts, { start, agents: this.#agents }),
      start,
      now: options.now,
      onWarning: (warning) => warnings.add(warning),
    });
    this.#events.subscribe((event) => session.record(event));
    return session;
  }

  #createClient(start: ThreadStart | undefined): ModelClient {
    const options = this.#options;
    return new ModelClient({
      ...options,
      ...this.#listeners,
      ...(start && resumedIdentity(start, options)),
      ...(this.#agents?.lineage?.isFork === true && {
        historyInitialization: "warm_fork",
        contextWindowId: this.#agents.lineage.contextWindowId,
      }),
      threadId: this.threadId,
      threadSource: options.threadSource ?? undefined,
      sandbox: sandboxTag(options.sandboxMode),
      clientHeaders: [
        ["originator", options.originator],
        ["user-agent", options.userAgent],
      ],
    });
  }
}

/** The id of the trace the caller started; a disabled one has none. */
function recordedThreadId({ trace }: ResolvedOptions): string | undefined {
  return trace !== undefined && !("root" in trace) ? trace.threadId || undefined : undefined;
}

function toWebSearchOptions({ webSearch: given, provider }: ResolvedOptions): WebSearchOptions {
  if (!providerCapabilities(provider.info).webSearch) return { mode: "disabled" };
  return typeof given === "object" ? given : { mode: given ?? "disabled" };
}
