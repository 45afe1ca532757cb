import { createHash } from "node:crypto";
import type { BlockElement, CutText, TextTable } from "@codex-ts/trace-viewer-page/format";
import type { TextId } from "@codex-ts/rollout-trace";
import { packText } from "./pack-text.ts";

/** Characters of a block before compression, unless one text alone is longer. */
const BLOCK_CHARACTERS = 256 * 1024;
/** Longest text that is kept whole, unless another length is asked for. */
const DEFAULT_MAX_TEXT_LENGTH = 8 * 1024 * 1024;
/** So much of a text that is too long is kept at each end. */
const KEPT_AT_ENDS = 64 * 1024;

/** The texts of a page, cut into blocks that are compressed one by one. */
export class TextBlocks {
  readonly #maxTextLength: number;
  readonly #texts: string[] = [];

  constructor(maxTextLength: number = DEFAULT_MAX_TEXT_LENGTH) {
    this.#maxTextLength = maxTextLength;
  }

  add(text: string): TextId {
    return this.#texts.push(text.length > this.#maxTextLength ? cutText(text) : text) - 1;
  }

  lengthOf(id: TextId): number {
    return this.#texts[id]?.length ?? 0;
  }

  get table(): TextTable {
    return { lengths: this.#texts.map(({ length }) => length), firsts: this.#firsts() };
  }

  /** The blocks in order, each compressed when it is asked for. */
  *packed(): Generator<{ readonly id: BlockElement; readonly text: string }, void> {
    const firsts = this.#firsts();
    for (const [block, first] of firsts.entries()) {
      const texts = this.#texts.slice(first, firsts[block + 1]);
      yield { id: `b${block}`, text: packText(texts.join("")) };
    }
  }

  #firsts(): readonly TextId[] {
    const firsts: TextId[] = [];
    let characters = BLOCK_CHARACTERS;
    for (const [id, { length }] of this.#texts.entries()) {
      if (characters + length > BLOCK_CHARACTERS) {
        firsts.push(id);
        characters = 0;
      }
      characters += length;
    }
    return firsts;
  }
}

function cutText(text: string): string {
  const cut: CutText = {
    type: "cut_text",
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
    head: text.slice(0, KEPT_AT_ENDS),
    tail: text.slice(-KEPT_AT_ENDS),
  };
  return JSON.stringify(cut);
}
