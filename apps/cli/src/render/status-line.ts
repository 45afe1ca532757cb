import type { TextOutput } from "../cli-process.ts";
import { columnsOf, endWithin } from "./columns.ts";
import type { Style } from "./style.ts";

/** Goes to the start of the line and erases it. */
const ERASE_LINE = "\r\u001b[K";
const REDRAW_MS = 1000;
const PROMPT = "> ";
/** Of a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

/**
 * One line at the bottom of a terminal that shows for the moment what is being waited for, and is gone before anything
 * else is written. Where `output` is no terminal it never shows.
 */
export class StatusLine {
  readonly #output: TextOutput;
  readonly #style: Style;
  readonly #text: () => string | undefined;
  readonly #typed: () => string;
  readonly #isTerminal: boolean;
  #timer: NodeJS.Timeout | undefined;
  #isShown = false;

  /**
   * `text` returns what there is to show now; `undefined`: the cursor is in the middle of a line, or there is nothing.
   * `typed`: what the user is typing meanwhile, which stands before it.
   */
  constructor(
    output: TextOutput,
    {
      style,
      env,
      text,
      typed = () => "",
    }: {
      readonly style: Style;
      readonly env: Readonly<Record<string, string | undefined>>;
      readonly text: () => string | undefined;
      readonly typed?: (() => string) | undefined;
    },
  ) {
    this.#output = output;
    this.#style = style;
    this.#text = text;
    this.#typed = typed;
    this.#isTerminal = output.isTTY === true && env["TERM"] !== "dumb";
  }

  /** Shows it from the next second on. */
  start(): void {
    if (!this.#isTerminal) return;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  /** Writes to the same output in its place. */
  write(text: string): void {
    this.clear();
    this.#output.write(text);
  }

  /** Takes it away until the next second. */
  clear(): void {
    if (this.#isShown) this.#output.write(ERASE_LINE);
    this.#isShown = false;
  }

  /** Shows it at once. */
  refresh(): void {
    if (this.#timer !== undefined) this.#draw();
  }

  /** Takes it away until the next `start`. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.clear();
  }

  #draw(): void {
    const text = this.#text();
    if (text === undefined) return this.clear();
    const { columns = DEFAULT_COLUMNS } = this.#output;
    // A line that wraps cannot be erased.
    const width = Math.max(columns - 1, 0);
    const typed = endWithin(this.#typed(), width - PROMPT.length);
    const shown = typed === "" ? "" : `${PROMPT}${typed}`;
    const rest = `${typed === "" ? "" : "  "}${text}`.slice(
      0,
      Math.max(width - columnsOf(shown), 0),
    );
    this.#output.write(`${ERASE_LINE}${shown}${this.#style("dim", rest)}`);
    this.#isShown = true;
  }
}
