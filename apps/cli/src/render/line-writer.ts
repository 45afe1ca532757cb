/** Writes whole lines and streamed pieces to one output so that they never share a line by accident. */
export class LineWriter {
  readonly #write: (text: string) => unknown;
  #isMidLine = false;

  constructor(write: (text: string) => unknown) {
    this.#write = write;
  }

  /** A line of its own. */
  line(text = ""): void {
    this.endLine();
    this.#write(`${text}\n`);
  }

  /** A piece of streamed text; `paint` colors it for the terminal. */
  piece(text: string, paint: (text: string) => string = (plain) => plain): void {
    if (text === "") return;
    this.#write(paint(text));
    this.#isMidLine = !text.endsWith("\n");
  }

  /** Goes to the start of a line. */
  endLine(): void {
    if (this.#isMidLine) this.#write("\n");
    this.#isMidLine = false;
  }
}
