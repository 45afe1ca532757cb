import { isAbsolute } from "node:path";
import { fallbackModelInfo } from "@codex-ts/model-provider";
import { newThreadId, newTurnId } from "@codex-ts/protocol";
import type { ThreadTrace } from "@codex-ts/rollout-trace/recorder";
import { compatibilityProfile } from "../compatibility/compatibility-profile.ts";
import { ModelClient } from "../client/model-client.ts";
import { initialContext } from "../context/initial-context.ts";
import { localDate, systemTimezone } from "../context/local-time.ts";
import { ThreadError } from "../errors.ts";
import { History } from "../history/history.ts";
import type {
  CodexThread,
  ThreadOptions,
  TurnInput,
  TurnOptions,
  TurnStream,
} from "./thread-options.ts";
import { sandboxTag } from "../metadata/sandbox-tag.ts";
import { optionWarnings, resolveOptions } from "./resolve-options.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { openTrace, sessionConfigured } from "./thread-trace.ts";
import { builtinTools } from "../tools/builtin.ts";
import { checkToolNames } from "../tools/check-tool-names.ts";
import { CommandSessions } from "../tools/exec/command-sessions.ts";
import { ToolRegistry } from "../tools/registry.ts";
import { PendingWarnings } from "./pending-warnings.ts";
import { runTurn } from "../turn/run-turn.ts";
import { StartupPrewarm } from "./startup-prewarm.ts";
import { ThreadState } from "./thread-state.ts";
import type { ThreadFacts } from "./thread-state.ts";
import { TurnContext } from "../turn/turn-context.ts";
import { checkTurnLimits } from "../turn/turn-limits.ts";
import { recordInTrace } from "../events/record-in-trace.ts";
import { ThreadEventStream } from "../events/thread-event-stream.ts";
import { toTurnEvents } from "../events/to-turn-events.ts";
import { TurnEventQueue } from "../events/turn-event-queue.ts";
import { turnStream } from "../events/turn-stream.ts";

/**
 * Starts a thread: a conversation with its history, its trace bundle and its running commands.
 *
 * Rejects with `ThreadError` for options that cannot work; everything a server or a disk does later is an event of a
 * turn. Close the thread, or dispose it.
 */
export async function createThread(options: ThreadOptions): Promise<CodexThread> {
  if (!isAbsolute(options.cwd)) {
    throw new ThreadError("invalid_option", `cwd must be an absolute path, not \`${options.cwd}\``);
  }
  checkTurnLimits(options);
  return new Thread(resolveOptions(options));
}

class Thread implements CodexThread {
  readonly threadId: string;
  readonly #options: ResolvedOptions;
  readonly #sessions: CommandSessions;
  readonly #registry: ToolRegistry;
  readonly #trace: ThreadTrace;
  readonly #events = new ThreadEventStream();
  readonly #emit = this.#events.emitterOf(undefined);
  readonly #state: ThreadState;
  #running: { readonly done: Promise<void>; abort(): void } | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.threadId = recordedThreadId(options) ?? newThreadId();
    this.#sessions = new CommandSessions(options.random);
    // Options that cannot work are refused before anything is written or sent.
    this.#registry = this.#createTools();
    const warnings = new PendingWarnings(options.onWarning);
    for (const warning of optionWarnings(options)) warnings.tellNow(warning);
    this.#trace = openTrace(options, this.threadId, (warning) => warnings.add(warning));
    this.#events.subscribe((event) => recordInTrace(this.#trace, event));
    this.#emit(sessionConfigured(options, this.threadId));
    this.#state = this.#createState(warnings);
    if (this.#state.facts.client.websocketsEnabled) {
      this.#state.prewarm = new StartupPrewarm(this.#state.facts.client, this.#state.emptyPrompt());
    }
  }

  get bundlePath(): string | undefined {
    return this.#trace.bundlePath;
  }

  runTurn(input: string | readonly TurnInput[], turnOptions: TurnOptions = {}): TurnStream {
    if (this.#closed) throw new ThreadError("thread_closed", "the thread is closed; start another");
    if (this.#running) {
      throw new ThreadError(
        "turn_running",
        "a turn is running; wait for its end or abort it first",
      );
    }
    const abort = new AbortController();
    const signal = turnOptions.signal
      ? AbortSignal.any([turnOptions.signal, abort.signal])
      : abort.signal;
    const queue = new TurnEventQueue();
    signal.addEventListener("abort", () => queue.hurry(), { once: true });
    const turnId = newTurnId();
    const turn = new TurnContext({
      turnId,
      thread: this.#state,
      queue,
      signal,
      options: turnOptions,
    });
    const done = this.#run(turn, input);
    const running = { turnId, queue, done, abort: (): void => abort.abort(new TurnLeft()) };
    this.#running = running;
    return turnStream({ ...running, keepWarning: (warning) => this.#state.warnings.add(warning) });
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Never rejects. */
  async #run(turn: TurnContext, input: string | readonly TurnInput[]): Promise<void> {
    // The caller gets its stream before the first event.
    await Promise.resolve();
    const unsubscribe = this.#events.subscribe((event) => {
      // A command of an earlier turn may still run.
      if (event.turnId !== turn.turnId) return;
      for (const turnEvent of toTurnEvents(event)) turn.queue.push(turnEvent);
    });
    try {
      await runTurn(turn, input);
    } finally {
      unsubscribe();
      this.#running = undefined;
      turn.queue.end();
    }
  }

  async #end(): Promise<void> {
    this.#running?.abort();
    await this.#running?.done;
    await this.#state.close();
    await this.#sessions.close();
    await this.#state.facts.client.close();
    this.#emit({ type: "shutdown_complete" });
    this.#trace.recordEnded("completed");
    await this.#trace.close();
    this.#state.warnings.tellAll();
  }

  #createState(warnings: PendingWarnings): ThreadState {
    const options = this.#options;
    const { model, provider } = options;
    const profile = compatibilityProfile(options.compatibility);
    const facts: ThreadFacts = {
      threadId: this.threadId,
      cwd: options.cwd,
      env: options.env,
      model,
      instructions:
        options.baseInstructions ??
        (model.base_instructions || fallbackModelInfo(model.slug).base_instructions),
      client: this.#createClient(),
      history: new History(model.truncation_policy, {
        identifiedThreadId: profile.identifiesItems ? this.threadId : undefined,
      }),
      registry: this.#registry,
      trace: this.#trace,
      errorPolicy: options.errorPolicy,
      streamMaxRetries: provider.info.streamMaxRetries,
      turnLimits: options,
      initialContext: () =>
        initialContext({
          cwd: options.cwd,
          shell: options.shell,
          sandboxMode: options.sandboxMode,
          approvalPolicy: options.approvalPolicy,
          currentDate: localDate(options.now()),
          timezone: systemTimezone(options.env),
          includePermissionsInstructions: options.includePermissionsInstructions ?? true,
          developerInstructions: options.developerInstructions,
          userInstructions: options.userInstructions,
          developerSections: profile.developerSections,
        }),
      tellsOfContentFilter: profile.tellsOfContentFilter,
      turnTrigger: options.sessionSource === "exec" ? "exec" : undefined,
      now: options.now,
      random: options.random,
      sleep: options.sleep,
    };
    return new ThreadState({
      warnings,
      events: this.#events,
      facts,
      workspace: options.workspace,
    });
  }

  #createClient(): ModelClient {
    const options = this.#options;
    return new ModelClient({
      ...options,
      threadId: this.threadId,
      threadSource: options.threadSource ?? undefined,
      sandbox: sandboxTag(options.sandboxMode),
      clientHeaders: [
        ["originator", options.originator],
        ["user-agent", options.userAgent],
      ],
    });
  }

  #createTools(): ToolRegistry {
    const { tools = [], ...settings } = this.#options;
    const { commands, patchRules } = compatibilityProfile(this.#options.compatibility);
    const builtin = builtinTools({
      ...settings,
      threadId: this.threadId,
      sessions: this.#sessions,
      commands,
      patchRules,
    });
    checkToolNames(builtin, tools);
    return new ToolRegistry([...builtin, ...tools]);
  }
}

/** Reason of an abort that comes from the consumer of a turn or from closing the thread. */
class TurnLeft extends Error {
  override readonly name: string = "AbortError";

  constructor() {
    super("the turn was given up by its consumer");
  }
}

/** The id of the trace the caller started; a disabled one has none. */
function recordedThreadId({ trace }: ResolvedOptions): string | undefined {
  return trace !== undefined && !("root" in trace) ? trace.threadId || undefined : undefined;
}
