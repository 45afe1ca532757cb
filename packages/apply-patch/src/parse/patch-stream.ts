import type { Hunk } from "../patch.ts";
import { trimEnd } from "../text/white-space.ts";
import { LineParser } from "./line-parser.ts";
import { END_PATCH } from "./markers.ts";

/**
 * A patch while a model is still writing it, for live display. What it shows must not be applied: the rest may turn out to be no patch.
 */
export class PatchStream {
  readonly #parser = new LineParser();
  #rest = "";

  /** Takes the next piece of the text, cut anywhere. Throws a `PatchError` once a complete line cannot be part of a patch. */
  push(delta: string): void {
    const [first = "", ...others] = delta.split("\n");
    const lines = [this.#rest + first, ...others];
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#parser.push(line);
  }

  /** The hunks of all complete lines; the last one may still grow. */
  get hunks(): readonly Hunk[] {
    return this.#parser.hunks;
  }

  /** Whether the end line has come, with a line end after it or not yet. */
  get hasEnded(): boolean {
    return this.#parser.hasEnded || trimEnd(this.#rest) === END_PATCH;
  }
}
