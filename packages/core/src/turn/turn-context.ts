import type { ResponseItem } from "@codex-ts/protocol";
import type { AgentMail } from "../agents/mailbox.ts";
import { TurnMail } from "../agents/turn-mail.ts";
import type { ModelClientSession } from "../client/model-session.ts";
import type { WorkspaceReading } from "../context/workspace/workspace-reading.ts";
import type { Emit } from "../events/thread-event.ts";
import type { ImageReader } from "../images/prepare-parts.ts";
import type { ToolReporter } from "../tools/tool.ts";
import type { TurnOptions } from "../thread/thread-options.ts";
import type { ThreadState } from "../thread/thread-state.ts";
import type { TurnEventQueue } from "../events/turn-event-queue.ts";
import { PendingInput } from "./pending-input.ts";
import { findRepositoryRoot } from "../context/workspace/workspace-facts.ts";
import { TurnDiff } from "./turn-diff.ts";
import { TurnLimits } from "./turn-limits.ts";
import type { TurnSettings } from "./turn-settings.ts";
import type { ContentKind } from "../history/content-provenance.ts";

/** Facts about an item that its recorder knows. */
export interface RecordedItemFacts {
  readonly isOfResponse?: boolean;
  /** Shown to clients, though no response had it. */
  readonly isShown?: boolean;
  /** Of a response: not for the eyes of clients. */
  readonly isHidden?: boolean;
  /** The id by which the trace knows the call that an output belongs to. */
  readonly toolCallId?: string | undefined;
  /** The kinds of the parts of a message. */
  readonly contentKinds?: readonly ContentKind[] | undefined;
  /** Where the image that the item is has been kept. */
  readonly savedPath?: string | undefined;
  /** The message of another agent that the item is. */
  readonly mail?: AgentMail | undefined;
}

/** One turn while it runs. */
export class TurnContext {
  readonly turnId: string;
  readonly thread: ThreadState;
  /** The consumer of this turn, who may be slow or gone. */
  readonly queue: TurnEventQueue;
  /** Emits a moment of this turn to everyone who listens to the thread. */
  readonly emit: Emit;
  #session: ModelClientSession | undefined;
  readonly signal: AbortSignal;
  readonly options: TurnOptions;
  readonly settings: TurnSettings;
  /** Inputs that came since the turn began. */
  readonly pending: PendingInput = new PendingInput();
  /** Messages of other agents. */
  readonly mail: TurnMail;
  /** Extra metadata keys of the client; an input for the running turn may bring others. */
  clientMetadata: TurnOptions["clientMetadata"];
  readonly startedMs: number;
  readonly limits: TurnLimits;
  readonly #workspace: WorkspaceReading;
  readonly #diff = new TurnDiff();
  /** Directory that paths of the diff are shown relative to, once there is one. */
  #diffRoot: string | undefined;
  lastAgentMessage: string | null = null;
  firstTokenMs: number | undefined;
  readonly #unknownItemTypes = new Set<string>();

  constructor(init: {
    readonly turnId: string;
    readonly thread: ThreadState;
    readonly queue: TurnEventQueue;
    readonly signal: AbortSignal;
    readonly options: TurnOptions;
    readonly settings: TurnSettings;
  }) {
    this.turnId = init.turnId;
    this.thread = init.thread;
    this.queue = init.queue;
    this.emit = init.thread.events.emitterOf(init.turnId);
    this.signal = init.signal;
    this.options = init.options;
    this.settings = init.settings;
    this.clientMetadata = init.options.clientMetadata;
    this.startedMs = init.thread.facts.now();
    this.mail = new TurnMail(init.thread.mailbox, init.thread.facts.profile.agents);
    const { model } = this.settings;
    init.thread.tokenCount.useModel(model);
    init.thread.facts.useToolsFor(model);
    init.thread.facts.history.limitOutputs(model.truncation_policy);
    this.limits = new TurnLimits(init.thread.facts.turnLimits);
    this.#workspace = init.thread.workspaceAt(this.startedMs, this.settings.cwd);
  }

  /** Sends the requests of this turn; given once, when the turn begins. */
  get session(): ModelClientSession {
    if (this.#session === undefined) throw new TypeError("the turn has no model session yet");
    return this.#session;
  }

  useSession(session: ModelClientSession): void {
    this.#session = session;
  }

  /** Facts about the repository, read in the background: requests sent before they are known go without. */
  get workspaces(): WorkspaceReading["facts"] {
    return this.#workspace.facts;
  }

  /** Whom images are made ready for. */
  get imageReader(): ImageReader {
    return { form: this.thread.facts.profile.images, model: this.settings.model };
  }

  /** The cause of the turn. */
  get origin(): {
    readonly rootTurnId: string;
    readonly parentTurnId: string | undefined;
    readonly turnTrigger: string | undefined;
  } {
    const { rootTurnId = this.turnId, parentTurnId, turnTrigger } = this.options;
    return {
      rootTurnId,
      parentTurnId,
      turnTrigger: turnTrigger ?? this.thread.facts.turnTrigger,
    };
  }

  /** Ends what the turn does in the background. */
  async stopReading(): Promise<void> {
    await this.#workspace.stop();
  }

  /** Adds an item to history. The object is the one a response had, where it came from one. */
  record(item: ResponseItem, facts: RecordedItemFacts = {}): void {
    const { history, now } = this.thread.facts;
    const {
      isOfResponse = false,
      isHidden = false,
      contentKinds,
      toolCallId,
      savedPath,
      mail,
    } = facts;
    const isShown = facts.isShown === true || (isOfResponse && !isHidden);
    const createdMs = isOfResponse ? undefined : now();
    const stored = history.record(item, { turnId: this.turnId, createdMs, contentKinds });
    this.emit(
      { type: "raw_response_item", item },
      { stored, isOfResponse, isShown, toolCallId, savedPath, mail },
    );
  }

  /** An item of a type nobody here knows does not enter history: said once per type. */
  noteUnknownItem(type: unknown): void {
    const name = typeof type === "string" ? type.slice(0, 100) : "unknown";
    if (this.#unknownItemTypes.has(name)) return;
    this.#unknownItemTypes.add(name);
    this.warn(`the model's \`${name}\` is of a type this version does not know and is left out`);
  }

  /** Said once per model: the application has switched code mode off. */
  noteCodeMode(): void {
    const { slug, tool_mode: mode } = this.settings.model;
    if (mode !== "code_mode_only" || this.thread.facts.codeCells() !== undefined) return;
    if (!this.thread.isNewCodeModeModel(slug)) return;
    this.warn(
      `model ${slug} is made to call tools from code it writes, and code mode is off in this thread: it is offered the tools themselves`,
    );
  }

  emitTokenCount(): void {
    this.emit(this.thread.tokenCount.event());
  }

  warn(message: string): void {
    this.emit({ type: "warning", message });
  }

  /** For tool calls, which may go on reporting after the turn: a command in the background ends when it ends. */
  get reporter(): ToolReporter {
    return {
      nextItemId: () => this.thread.nextItemId(),
      emit: this.emit,
      filesChanged: async (changes) => {
        this.#diffRoot ??= (await findRepositoryRoot(this.settings.cwd)) ?? this.settings.cwd;
        this.#diff.note(changes);
        this.emit({ type: "turn_diff", unified_diff: this.#diff.text(this.#diffRoot) });
      },
    };
  }

  /** Emits what the patches of the turn have changed so far, if anything. */
  emitDiff(): void {
    if (this.#diffRoot === undefined) return;
    const text = this.#diff.text(this.#diffRoot);
    if (text !== "") this.emit({ type: "turn_diff", unified_diff: text });
  }
}
