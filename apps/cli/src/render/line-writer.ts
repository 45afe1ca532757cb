/**
 * Writes whole lines and streamed pieces to one output so that they never share a line by accident. Pieces that come
 * together are written together: a response has thousands, and each write is a call of the system.
 */
export class LineWriter {
  readonly #write: (text: string) => unknown;
  #isMidLine = false;
  /** Pieces that wait for the end of this turn of the event loop. */
  #pieces = "";

  constructor(write: (text: string) => unknown) {
    this.#write = write;
  }

  /** Whether the cursor is behind a piece of text, or will be. */
  get isMidLine(): boolean {
    return this.#isMidLine;
  }

  /** A line of its own. */
  line(text = ""): void {
    this.endLine();
    this.#write(`${text}\n`);
  }

  /** A piece of streamed text; `paint` colors it for the terminal. */
  piece(text: string, paint: (text: string) => string = (plain) => plain): void {
    if (text === "") return;
    if (this.#pieces === "") setImmediate(() => this.flush());
    this.#pieces += paint(text);
    this.#isMidLine = !text.endsWith("\n");
  }

  /** Goes to the start of a line. */
  endLine(): void {
    if (this.#isMidLine) this.#pieces += "\n";
    this.#isMidLine = false;
    this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    const pieces = this.#pieces;
    this.#pieces = "";
    if (pieces !== "") this.#write(pieces);
  }
}
