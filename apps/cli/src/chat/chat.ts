import { listSessions } from "@codex-ts/core";
import type { CliProcess } from "../cli-process.ts";
import { CliError } from "../errors.ts";
import { toTurnInput } from "../exec-files.ts";
import { failedTurnError } from "../failed-turn.ts";
import { nearestWords } from "../nearest.ts";
import { clipLine, clipPart } from "../render/clip.ts";
import { plural } from "../render/plural.ts";
import { paintDiffLine } from "../render/patch-lines.ts";
import { stripControl, stripToOneLine } from "../render/strip-control.ts";
import { type Style, createStyle } from "../render/style.ts";
import type { TurnRenderer } from "../render/turn-renderer.ts";
import type { ThreadSettings } from "../thread-settings.ts";
import { askApproval } from "./approval-question.ts";
import { ChatThread } from "./chat-thread.ts";
import type { Terminal } from "./terminal.ts";
import { workTreeDiff } from "./work-tree-diff.ts";

const PROMPT = "> ";
/** Sessions of one list. */
const MAX_SESSIONS = 10;

const COMMANDS: Readonly<Record<string, string>> = {
  "/help": "these lines",
  "/status": "the session, its settings and tokens",
  "/diff": "what is not committed in the work tree",
  "/compact": "have the model sum up the conversation, to make room",
  "/resume": "go on with another session: /resume, or /resume ID",
  "/new": "begin another session",
  "/quit": "leave; Ctrl-D and Ctrl-C twice do the same",
};

type StartTurn = Parameters<ChatThread["run"]>[0];
type RunTurn = Awaited<ReturnType<ChatThread["run"]>>;
type StoppableTurn = RunTurn & { readonly isLeaving: boolean };

/** Surroundings of a chat. */
export interface ChatOptions {
  readonly settings: ThreadSettings;
  readonly notify: readonly string[] | undefined;
  readonly terminal: Terminal;
  readonly renderer: TurnRenderer;
  readonly cliProcess: CliProcess;
  readonly warn: (message: string) => void;
}

/** With what a chat begins. */
export interface ChatBeginning {
  /** The first message. Default: the user is asked. */
  readonly prompt?: string | undefined;
  /** Absolute paths of images that go with the first message. */
  readonly images?: readonly string[];
  /** The session that goes on, or among which the user chooses. Default: a new one. */
  readonly session?:
    | { readonly threadId: string }
    | { readonly isAnyDirectory: boolean }
    | undefined;
}

/** Conversation of a person at a terminal with one thread after the other. */
export class Chat {
  readonly #options: ChatOptions;
  readonly #style: Style;
  readonly #thread: ChatThread;
  #turns = 0;
  /** Images of the next message. */
  #images: readonly string[] = [];

  constructor(options: ChatOptions) {
    this.#options = options;
    const { cliProcess, settings, renderer, terminal } = options;
    this.#style = createStyle(cliProcess.stderr, cliProcess.env);
    const print = (line: string): void => this.#print(line);
    this.#thread = new ChatThread(settings, {
      renderer,
      approve: (request, signal) =>
        askApproval(request, { terminal, signal, style: this.#style, print }),
    });
  }

  /** Reads and does until the user leaves or the process is to end. */
  async run({ prompt, images = [], session }: ChatBeginning = {}): Promise<void> {
    const { interrupted } = this.#options.cliProcess;
    this.#images = images;
    try {
      await this.#thread.open(await this.#firstSession(session));
      this.#print(this.#style("dim", "/help for commands, Ctrl-C stops a turn, Ctrl-D leaves"));
      if (images.length > 0 && prompt === undefined) {
        this.#print(this.#style("dim", `${plural(images.length, "image")} for the first message`));
      }
      const wish = prompt === undefined ? undefined : await this.#begin(prompt);
      if (wish !== "leave" && !interrupted.aborted) await this.#talk(interrupted);
      this.#sayGoodbye();
    } finally {
      await this.#thread.close();
    }
  }

  async #firstSession(session: ChatBeginning["session"]): Promise<string | undefined> {
    if (session === undefined) return undefined;
    return "threadId" in session ? session.threadId : await this.#chosenSession(session);
  }

  /** The message of the command line, shown as if it had been typed. */
  async #begin(prompt: string): Promise<"leave" | undefined> {
    this.#print(`${PROMPT}${stripControl(prompt)}`);
    return await this.#reported(() => this.#turn(prompt));
  }

  async #talk(signal: AbortSignal): Promise<void> {
    let isLeaving = false;
    for (;;) {
      const answer = await this.#options.terminal.ask(PROMPT, { signal, isPrompt: true });
      if (answer.type === "ended" || answer.type === "left") return;
      if (answer.type === "interrupted") {
        if (isLeaving && !answer.hadText) return;
        isLeaving = !answer.hadText;
        if (isLeaving) this.#print(this.#style("dim", "Ctrl-C again leaves"));
        continue;
      }
      isLeaving = false;
      const wish = await this.#do(answer.text);
      if (wish === "leave" || signal.aborted) return;
    }
  }

  async #do(text: string): Promise<"leave" | undefined> {
    const [, command, argument = ""] = /^(\/[a-z]*)(?:\s+(.*))?$/s.exec(text.trimEnd()) ?? [];
    if (command !== undefined) {
      return await this.#reported(() => this.#command(command, argument.trim()));
    }
    return text.trim() === "" ? undefined : await this.#reported(() => this.#turn(text));
  }

  /** A failure is printed, and the chat goes on. */
  async #reported(act: () => Promise<"leave" | undefined>): Promise<"leave" | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!CliError.is(error)) throw error;
      this.#print(this.#style("red", clipLine(`error: ${stripToOneLine(error.message)}`)));
      return undefined;
    }
  }

  async #command(command: string, argument: string): Promise<"leave" | undefined> {
    switch (command) {
      case "/quit":
      case "/exit":
        return "leave";
      case "/help":
        for (const [name, text] of Object.entries(COMMANDS)) {
          this.#print(`${name.padEnd(9)} ${text}`);
        }
        this.#print("a line that ends with \\ goes on in the next one; so does what is pasted");
        return undefined;
      case "/status":
        return this.#showStatus();
      case "/diff":
        return await this.#showDiff();
      case "/compact":
        return await this.#compact();
      case "/resume":
        return await this.#resume(argument);
      case "/new":
        return await this.#thread.open().then(() => undefined);
      default: {
        const [nearest = "/help"] = nearestWords(command, Object.keys(COMMANDS));
        this.#print(`there is no ${command}: try ${nearest}; a space before it makes it a message`);
        return undefined;
      }
    }
  }

  async #turn(text: string): Promise<"leave" | undefined> {
    const { notify, cliProcess, warn, settings } = this.#options;
    const input = toTurnInput(text, this.#images);
    this.#images = [];
    this.#turns += 1;
    const { end, turnId, isLeaving } = await this.#run((thread, signal) =>
      thread.runTurn(input, { signal }),
    );
    if (end?.type === "turnCompleted" && notify !== undefined) {
      const { notifyTurnEnd } = await import("../notify.ts");
      const { threadId } = this.#thread.current;
      const { lastAgentMessage } = end;
      const completed = { threadId, turnId, cwd: settings.cwd, input, lastAgentMessage };
      await notifyTurnEnd(notify, completed, cliProcess, warn);
    }
    return isLeaving ? "leave" : undefined;
  }

  async #compact(): Promise<"leave" | undefined> {
    const { end, isLeaving } = await this.#run((thread, signal) => thread.compact({ signal }));
    if (end?.type === "turnCompleted") this.#print("the conversation is compacted");
    return isLeaving ? "leave" : undefined;
  }

  /** Runs a turn to its end. Rejects with the error of one that failed. */
  async #run(start: StartTurn): Promise<StoppableTurn> {
    const turn = await this.#stoppable((signal) => this.#thread.run(start, signal));
    const { end, turnId } = turn;
    if (end?.type !== "turnFailed") return turn;
    const { cliProcess, settings } = this.#options;
    const { current: thread } = this.#thread;
    const { commandName } = cliProcess;
    const { provider } = settings;
    throw await failedTurnError(end.error, { thread, turnId, provider, commandName });
  }

  /** The first Ctrl-C stops the turn, the second one the chat, which then waits for nothing any longer. */
  async #stoppable(run: (signal: AbortSignal) => Promise<RunTurn>): Promise<StoppableTurn> {
    const { terminal, cliProcess, renderer } = this.#options;
    const stop = new AbortController();
    const { promise: left, resolve: leave } = Promise.withResolvers<StoppableTurn>();
    const unwatch = terminal.watch({
      onInterrupt: () => {
        if (stop.signal.aborted) leave({ end: undefined, turnId: "", isLeaving: true });
        stop.abort();
      },
      onTyped: () => renderer.refresh?.(),
    });
    try {
      const ended = run(AbortSignal.any([stop.signal, cliProcess.interrupted]));
      return await Promise.race([ended.then((turn) => ({ ...turn, isLeaving: false })), left]);
    } finally {
      unwatch();
    }
  }

  #showStatus(): undefined {
    const { settings } = this.#options;
    const { current: thread, usage } = this.#thread;
    const { model, provider, cwd, sandboxMode = "read-only", approvalPolicy } = settings;
    const total = usage?.total_token_usage;
    const window = usage?.model_context_window ?? undefined;
    const used = usage?.last_token_usage.total_tokens;
    const rows: readonly (readonly [string, string | undefined])[] = [
      ["session", thread.threadId],
      ["file", thread.sessionPath],
      ["model", `${typeof model === "string" ? model : model.slug} (${provider.id})`],
      ["directory", cwd],
      ["sandbox", sandboxMode],
      ["approvals", typeof approvalPolicy === "object" ? "granular" : approvalPolicy],
      ["trace", thread.bundlePath],
      [
        "tokens",
        total &&
          `${total.input_tokens} in (${total.cached_input_tokens} cached), ${total.output_tokens} out`,
      ],
      [
        "context",
        used === undefined || window === undefined
          ? undefined
          : `${used} of ${window} tokens (${Math.round((100 * used) / window)} %)`,
      ],
    ];
    for (const [name, value] of rows) {
      if (value !== undefined) this.#print(`${name.padEnd(10)}${stripToOneLine(value)}`);
    }
    return undefined;
  }

  async #showDiff(): Promise<undefined> {
    const { cliProcess, settings } = this.#options;
    const { env, interrupted: signal } = cliProcess;
    for (const line of await workTreeDiff(settings.cwd, { env, signal })) {
      this.#print(paintDiffLine(line, this.#style));
    }
    return undefined;
  }

  async #resume(argument: string): Promise<undefined> {
    const threadId =
      argument === "" ? await this.#chosenSession({ isAnyDirectory: false }) : argument;
    if (threadId !== undefined) await this.#thread.open(threadId);
    return undefined;
  }

  async #chosenSession({
    isAnyDirectory,
  }: {
    readonly isAnyDirectory: boolean;
  }): Promise<string | undefined> {
    const { settings, terminal, cliProcess } = this.#options;
    const { codexHome, cwd } = settings;
    const limit = MAX_SESSIONS + 1;
    const found = await listSessions({ codexHome, limit, ...(!isAnyDirectory && { cwd }) });
    const current = this.#thread.threadId;
    const sessions = found.filter(({ threadId }) => threadId !== current).slice(0, MAX_SESSIONS);
    if (sessions.length === 0) {
      this.#print(
        isAnyDirectory
          ? `there is no other session in ${codexHome}`
          : `no other session began in ${cwd}; /resume ID takes one of any directory`,
      );
      return undefined;
    }
    for (const [index, { updatedAtMs, firstMessage, threadId }] of sessions.entries()) {
      const when = new Date(updatedAtMs).toISOString().slice(0, 16).replace("T", " ");
      this.#print(
        `${String(index + 1).padStart(2)}  ${when}  ${clipPart(firstMessage ?? threadId)}`,
      );
    }
    const { interrupted: signal } = cliProcess;
    const answer = await terminal.ask(`number (1 to ${sessions.length}), or nothing: `, { signal });
    if (answer.type !== "text" || answer.text.trim() === "") return undefined;
    const chosen = sessions[Number(answer.text) - 1];
    if (chosen === undefined) this.#print(`there is no ${stripToOneLine(answer.text)} in the list`);
    return chosen?.threadId;
  }

  #sayGoodbye(): void {
    const { threadId, sessionPath } = this.#thread.current;
    if (this.#turns === 0 || sessionPath === undefined) return;
    const { commandName } = this.#options.cliProcess;
    this.#print(
      this.#style(
        "dim",
        `${plural(this.#turns, "turn")}; to go on: ${commandName} resume ${threadId}`,
      ),
    );
  }

  #print(line: string): void {
    this.#options.cliProcess.stderr.write(`${line}\n`);
  }
}
