import type { ErrorPolicy } from "@codex-ts/api";
import type { ModelInfo } from "@codex-ts/protocol";
import type { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import type { ThreadApprovals } from "../approvals/thread-approvals.ts";
import type { Mailbox } from "../agents/mailbox.ts";
import type { ModelClient } from "../client/model-client.ts";
import type { ModelClientSession } from "../client/model-session.ts";
import type { TurnRetry } from "../client/transport-listeners.ts";
import type { Prompt } from "../client/request-builder.ts";
import type { ContextFacts } from "../context/context-sections.ts";
import type { CompatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { hasToolsItem } from "../context/model-items.ts";
import type { RecordedContext } from "../events/recorded-context.ts";
import type { ThreadEventStream } from "../events/thread-event-stream.ts";
import type { History } from "../history/history.ts";
import { estimateTextTokens, estimateTokensOf } from "../history/token-estimate.ts";
import { beginWorkspaceReading } from "../context/workspace/workspace-reading.ts";
import type { WorkspaceReading } from "../context/workspace/workspace-reading.ts";
import type { CodeCells } from "../tools/code-mode/code-cells.ts";
import type { CommandSettings } from "../tools/exec/start-command.ts";
import type { McpServerSet } from "../tools/mcp/mcp-server-set.ts";
import type { ServerWait } from "./server-wait.ts";
import type { DeferredTools } from "../context/deferred-tools.ts";
import type { ToolRegistry } from "../tools/registry.ts";
import type { StartReviewer } from "../review/reviewer-thread.ts";
import { webSearchSpec } from "../tools/hosted/web-search.ts";
import type { WebSearchOptions } from "../tools/hosted/web-search.ts";
import type { GeneratedImages } from "../turn/generated-images.ts";
import { JoinedCommands } from "../turn/joined-commands.ts";
import type { TurnLimitOptions } from "../turn/turn-limits.ts";
import type { TurnSettings } from "../turn/turn-settings.ts";
import type { CompactionFacts } from "../compaction/compaction-facts.ts";
import type { PendingWarnings } from "./pending-warnings.ts";
import type { StartupPrewarm } from "./startup-prewarm.ts";
import { TokenCount } from "./token-count.ts";

/** Facts the turns of a thread share and do not change. */
export interface ThreadFacts {
  readonly threadId: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly shell: string;
  /** Settings of turns that are given no others. */
  readonly settings: TurnSettings;
  readonly instructions: string;
  /** Whether nobody but a model has given them, so that another model has its own. */
  readonly instructionsAreOfModel: boolean;
  readonly client: ModelClient;
  readonly history: History;
  readonly registry: ToolRegistry;
  /** Has the registry hold the tools for a model. */
  readonly useToolsFor: (model: ModelInfo) => void;
  readonly webSearch: WebSearchOptions;
  /** Keeps images the server generates; `undefined` without a home. */
  readonly images: GeneratedImages | undefined;
  readonly commands: CommandSettings;
  /** `undefined` when there are no MCP servers. */
  readonly mcp: McpServerSet | undefined;
  readonly serverWait: ServerWait;
  /** `undefined` when nobody can be asked. */
  readonly approvals: ThreadApprovals | undefined;
  /** `undefined` when no model of the thread has had code mode. */
  readonly codeCells: () => CodeCells | undefined;
  readonly trace: ThreadTrace;
  readonly startReviewer: StartReviewer;
  readonly profile: CompatibilityProfile;
  /** Is notified of each request that is sent again. */
  readonly onRetry: (retry: TurnRetry) => void;
  /** Is notified of the version of the provider's model list. */
  readonly onModelsEtag: (etag: string) => void;
  /** That of the profile, unless the application has chosen another. */
  readonly errorPolicy: ErrorPolicy;
  readonly streamMaxRetries: number;
  readonly turnLimits: TurnLimitOptions;
  /** Parts of the context that are the same in every turn. */
  readonly contextOptions: Pick<
    ContextFacts,
    | "includePermissionsInstructions"
    | "developerInstructions"
    | "workspaceWrite"
    | "agents"
    | "canAsk"
  >;
  readonly compaction: CompactionFacts;
  /** The cause of turns whose options name none. */
  readonly turnTrigger: string | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** How old facts about the repository may be when a turn begins. */
const MAX_WORKSPACE_AGE_MS = 2000;

/** Tools as they were at one moment. */
export interface ToldTools {
  readonly revision: number;
  /** Definitions, for a model that reads them among the items; else none. */
  readonly specs: ToolRegistry["specs"];
  readonly deferred: DeferredTools;
}

/** State that changes from turn to turn. */
export class ThreadState {
  readonly facts: ThreadFacts;
  readonly events: ThreadEventStream;
  readonly tokenCount: TokenCount;
  /** The surroundings as the model knows them: those of the last turn, or of the session that is resumed. */
  referenceContext: RecordedContext | undefined;
  /** The tools as the model knows them; `undefined`: no turn has told it. */
  toldTools: ToldTools | undefined;
  /** The history is that of another agent, and the model has not read so yet. */
  isFork = false;
  /** Texts of the session's file that stand for a past. */
  foundSummaries: ReadonlySet<string> = new Set();
  /** The model of the last turn. */
  previousModel: ModelInfo | undefined;
  /** The server has said that its counts include the reasoning it is sent. */
  reasoningIsCounted = false;
  /** True once an API has responded. */
  hasConnected = false;
  /** Runs until the first turn takes it over. */
  prewarm: StartupPrewarm | undefined;
  /** Begun before there was a turn. */
  #earlyWorkspace: WorkspaceReading | undefined;
  /** Warnings for a client, for the next opportunity. */
  readonly warnings: PendingWarnings;
  /** Messages of other agents; `undefined` when there are none. */
  readonly mailbox: Mailbox | undefined;
  /** Commands of the user that run beside a turn. */
  readonly joinedCommands: JoinedCommands = new JoinedCommands();
  readonly #served = new Set<string>();
  readonly #codeModeModels = new Set<string>();
  #items = 0;

  constructor(init: {
    readonly warnings: PendingWarnings;
    readonly events: ThreadEventStream;
    readonly facts: ThreadFacts;
    readonly workspace: WorkspaceReading | undefined;
    readonly mailbox: Mailbox | undefined;
  }) {
    const { warnings, events, facts, workspace, mailbox } = init;
    this.mailbox = mailbox;
    this.warnings = warnings;
    this.events = events;
    this.facts = facts;
    this.#earlyWorkspace = workspace ?? this.#readWorkspace(facts.settings.cwd);
    this.tokenCount = new TokenCount(facts.settings.model);
  }

  /** The reading of a turn that begins: the one begun early, if the repository cannot have changed much since. */
  workspaceAt(turnStartedMs: number, cwd: string): WorkspaceReading {
    const early = this.#earlyWorkspace;
    this.#earlyWorkspace = undefined;
    const isUsable =
      cwd === this.facts.settings.cwd &&
      early !== undefined &&
      turnStartedMs - early.begunMs <= MAX_WORKSPACE_AGE_MS;
    if (isUsable) return early;
    void early?.stop();
    return this.#readWorkspace(cwd);
  }

  #readWorkspace(cwd: string): WorkspaceReading {
    const { env, now } = this.facts;
    return beginWorkspaceReading({ cwd, env, now });
  }

  /** Ends what was begun for a turn that never came. */
  async close(): Promise<void> {
    await this.joinedCommands.close();
    await this.prewarm?.close();
    await this.#earlyWorkspace?.stop();
  }

  /** The session of the next turn: the one that was warmed up, if it is ready in time. */
  async openSession(signal: AbortSignal): Promise<ModelClientSession> {
    const prewarm = this.prewarm;
    this.prewarm = undefined;
    return (await prewarm?.take(signal)) ?? this.facts.client.newSession();
  }

  /** A prompt of this thread before anybody has said anything. */
  emptyPrompt(
    model: ModelInfo = this.facts.settings.model,
    { sandboxMode }: Pick<TurnSettings, "sandboxMode"> = this.facts.settings,
  ): Prompt {
    const { registry, webSearch, instructions, history, profile } = this.facts;
    const search = webSearchSpec(webSearch, { sandboxMode, model });
    const { items } = history;
    // Items of the history say it.
    const isSaid =
      model.use_responses_lite &&
      profile.responsesLite === "items" &&
      (items.length === 0 || hasToolsItem(items));
    return {
      instructions: isSaid ? "" : instructions,
      input: [],
      tools: isSaid ? [] : [...registry.specs, ...(search === undefined ? [] : [search])],
      parallelToolCalls: model.supports_parallel_tool_calls,
    };
  }

  /** Estimates the size of the context, until the next response counts it. */
  estimateContext(model?: ModelInfo): void {
    const { history, profile } = this.facts;
    this.tokenCount.estimate(
      // The system text may be an item itself.
      estimateTextTokens(this.emptyPrompt(model).instructions) +
        estimateTokensOf(history.items, profile.compaction.measure),
    );
  }

  /** `item_0`, `item_1`, … in order of first appearance. */
  nextItemId(): string {
    const id = `item_${this.#items}`;
    this.#items += 1;
    return id;
  }

  /** True the first time a model comes along that calls tools from code. */
  isNewCodeModeModel(slug: string): boolean {
    if (this.#codeModeModels.has(slug)) return false;
    this.#codeModeModels.add(slug);
    return true;
  }

  /** True the first time a server says it uses another model than the one requested. */
  isNewReroute(servedModel: string, wantedModel: string): boolean {
    if (servedModel.toLowerCase() === wantedModel.toLowerCase()) return false;
    if (this.#served.has(servedModel)) return false;
    this.#served.add(servedModel);
    return true;
  }
}
