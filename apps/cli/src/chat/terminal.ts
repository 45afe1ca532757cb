import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { stripControl } from "../render/strip-control.ts";

/** Makes terminals mark what is pasted, so that its line breaks send nothing. */
const MARK_PASTES = "\u001b[?2004h";
const MARK_NO_PASTES = "\u001b[?2004l";
const CTRL_C = "\u0003";
const BACKSPACES: ReadonlySet<string> = new Set(["\u007f", "\b"]);
const CONTINUED = ". ";
const HISTORY_SIZE = 1000;

/** The end of a question. */
export type Answer =
  | { readonly type: "text"; readonly text: string }
  /** Ctrl-C; `hadText`: it only took away what was typed. */
  | { readonly type: "interrupted"; readonly hadText: boolean }
  /** Ctrl-D, or nobody is there any more. */
  | { readonly type: "ended" }
  /** The signal was aborted. */
  | { readonly type: "left" };

/** Options of one question. */
export interface AskOptions {
  /** Aborting takes the question back. */
  readonly signal: AbortSignal;
  /** Whether it is one of many alike: then earlier texts can be called up, and what was typed before counts. Default false. */
  readonly isPrompt?: boolean;
}

type TerminalInput = Readable & { setRawMode?(isRaw: boolean): unknown };

/** The keyboard and screen of a chat. One question at a time; in between keys can be watched. */
export class Terminal {
  readonly #input: TerminalInput;
  readonly #output: Writable;
  #history: string[] = [];
  /** Typed while nobody asked. */
  #typedAhead = "";
  #watcher: ((chunk: Buffer | string) => void) | undefined;

  constructor({ input, output }: { readonly input: Readable; readonly output: Writable }) {
    this.#input = input;
    this.#output = output;
  }

  /** Asks for a text, which has several lines when they end with a backslash or were pasted together. */
  async ask(question: string, { signal, isPrompt = false }: AskOptions): Promise<Answer> {
    if (signal.aborted) return { type: "left" };
    const watcher = this.#watcher;
    this.#unwatch();
    try {
      return await this.#read(question, { signal, isPrompt });
    } finally {
      if (watcher !== undefined) this.#watch(watcher);
    }
  }

  /** Text that was typed while nobody asked, on one line. */
  get typed(): string {
    return stripControl(this.#typedAhead.replaceAll(/\r\n?|\n/g, " ⏎ "));
  }

  /**
   * Calls `onInterrupt` at every Ctrl-C, and `onTyped` when other keys have changed `typed`, until the returned function is
   * called. What is typed is kept for the next prompt.
   */
  watch({
    onInterrupt,
    onTyped,
  }: {
    readonly onInterrupt: () => void;
    readonly onTyped: () => void;
  }): () => void {
    this.#watch((chunk) => {
      const text = String(chunk);
      const at = text.lastIndexOf(CTRL_C);
      if (at >= 0) this.#typedAhead = "";
      for (const character of text.slice(at + 1)) this.#keep(character);
      onTyped();
      for (let left = text.split(CTRL_C).length - 1; left > 0; left--) onInterrupt();
    });
    return () => this.#unwatch();
  }

  /** Backspace takes back what was typed, up to the last line that was sent. */
  #keep(character: string): void {
    if (!BACKSPACES.has(character)) this.#typedAhead += character;
    else this.#typedAhead = this.#typedAhead.replace(/[^\r\n]$/u, "");
  }

  #watch(watcher: (chunk: Buffer | string) => void): void {
    this.#watcher = watcher;
    this.#input.setRawMode?.(true);
    this.#input.on("data", watcher);
    this.#input.resume();
  }

  #unwatch(): void {
    if (this.#watcher === undefined) return;
    this.#input.off("data", this.#watcher);
    this.#watcher = undefined;
    this.#input.pause();
    this.#input.setRawMode?.(false);
  }

  async #read(question: string, { signal, isPrompt }: Required<AskOptions>): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const lines: string[] = [];
    let isPasting = false;
    const reader = createInterface({
      input: this.#input,
      output: this.#output,
      prompt: question,
      terminal: true,
      historySize: isPrompt ? HISTORY_SIZE : 0,
      history: isPrompt ? [...this.#history] : [],
      removeHistoryDuplicates: true,
    });
    const onKey = (_text: unknown, key: { readonly name?: string } | undefined): void => {
      if (key?.name === "paste-start") isPasting = true;
      if (key?.name === "paste-end") isPasting = false;
    };
    const leave = (): void => resolve({ type: "left" });
    this.#input.on("keypress", onKey);
    signal.addEventListener("abort", leave, { once: true });
    reader.on("history", (history: string[]) => {
      if (isPrompt) this.#history = history;
    });
    reader.on("line", (line) => {
      const isContinued = !isPasting && line.endsWith("\\");
      lines.push(isContinued ? line.slice(0, -1) : line);
      if (!isContinued && !isPasting) return resolve({ type: "text", text: lines.join("\n") });
      reader.setPrompt(CONTINUED);
      reader.prompt();
    });
    reader.on("SIGINT", () =>
      resolve({ type: "interrupted", hadText: reader.line !== "" || lines.length > 0 }),
    );
    reader.on("close", () => resolve({ type: "ended" }));
    this.#output.write(MARK_PASTES);
    reader.prompt();
    if (isPrompt) this.#typeAhead((text) => reader.write(text));
    try {
      const answer = await promise;
      // The cursor stands behind what was typed.
      if (answer.type !== "text") this.#output.write("\n");
      return answer;
    } finally {
      signal.removeEventListener("abort", leave);
      this.#input.off("keypress", onKey);
      reader.close();
      this.#output.write(MARK_NO_PASTES);
    }
  }

  /** Up to the end of a line; what follows is for the question after this one. */
  #typeAhead(write: (text: string) => void): void {
    const end = /\r\n?|\n/.exec(this.#typedAhead);
    const length = end === null ? this.#typedAhead.length : end.index + end[0].length;
    const text = this.#typedAhead.slice(0, length);
    this.#typedAhead = this.#typedAhead.slice(length);
    // Keys such as the arrows mean nothing to a line that was not there.
    const plain = stripControl(text.replaceAll(/\r\n?/g, "\n"));
    if (plain !== "") write(plain);
  }
}
