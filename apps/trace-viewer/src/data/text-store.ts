import type { TextTable } from "@codex-ts/trace-viewer-page/format";
import { nextTask } from "./next-task.ts";

/** So many decoded blocks are kept: about 8 MiB of text. */
const KEPT_BLOCKS = 32;
/** About so many characters, or bytes of what is compressed, are decoded in one task. */
const TASK_CHARACTERS = 512 * 1024;
const TASK_BYTES = 32 * 1024;

/** The texts of the page. A block is decoded when one of its texts is asked for. */
export class TextStore {
  readonly #table: TextTable;
  readonly #starts: readonly number[];
  readonly #blocks = new Map<number, Promise<string>>();
  readonly #ready = new Map<number, string>();

  constructor(table: TextTable) {
    this.#table = table;
    const starts: number[] = [];
    let block = -1;
    let at = 0;
    for (const [id, length] of table.lengths.entries()) {
      if (table.firsts[block + 1] === id) {
        block += 1;
        at = 0;
      }
      starts.push(at);
      at += length;
    }
    this.#starts = starts;
  }

  get count(): number {
    return this.#table.lengths.length;
  }

  get blockCount(): number {
    return this.#table.firsts.length;
  }

  lengthOf(id: number): number {
    return this.#table.lengths[id] ?? 0;
  }

  /** The text, if its block is decoded. */
  peek(id: number): string | undefined {
    const block = this.#ready.get(this.#blockOf(id));
    return block === undefined ? undefined : this.#cut(block, id);
  }

  async read(id: number): Promise<string> {
    return this.#cut(await this.#block(this.#blockOf(id)), id);
  }

  /** All texts of a block, one behind the other, and each by its number. */
  async readBlock(block: number): Promise<{
    readonly whole: string;
    readonly ids: readonly number[];
    readonly text: (id: number) => string;
  }> {
    const whole = await this.#block(block);
    const first = this.#table.firsts[block] ?? 0;
    const end = this.#table.firsts[block + 1] ?? this.count;
    const ids = Array.from({ length: end - first }, (_, index) => first + index);
    return { whole, ids, text: (id) => this.#cut(whole, id) };
  }

  /** Begins to decode a block that will be read next. Reading it shows what is wrong with it. */
  prepareBlock(block: number): void {
    if (block < this.blockCount) this.#block(block).catch(() => undefined);
  }

  /** Number of the block that holds a text. */
  #blockOf(id: number): number {
    const { firsts } = this.#table;
    let low = 0;
    let high = firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((firsts[middle] ?? Infinity) <= id) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #cut(block: string, id: number): string {
    const start = this.#starts[id] ?? 0;
    return block.slice(start, start + this.lengthOf(id));
  }

  #block(block: number): Promise<string> {
    const known = this.#blocks.get(block);
    // Used last, dropped last.
    this.#blocks.delete(block);
    const decoding = known ?? this.#decode(block);
    this.#blocks.set(block, decoding);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= KEPT_BLOCKS) break;
      this.#blocks.delete(oldest);
      this.#ready.delete(oldest);
    }
    return decoding;
  }

  async #decode(block: number): Promise<string> {
    const { firsts } = this.#table;
    const last = (firsts[block + 1] ?? this.count) - 1;
    const text = await decodeElement(`b${block}`, (this.#starts[last] ?? 0) + this.lengthOf(last));
    if (this.#blocks.has(block)) this.#ready.set(block, text);
    return text;
  }
}

/**
 * The text in an element of the page, of about so many characters. Rejects when the page was cut off before it. Keys are
 * handled while a long one is decoded.
 */
export async function decodeElement(id: string, characters = 0): Promise<string> {
  const packed = document.getElementById(id)?.textContent;
  if (!packed) throw new Error(`this file is incomplete: it has no data "${id}"`);
  const binary = atob(packed);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  const tasks = Math.max(characters / TASK_CHARACTERS, bytes.length / TASK_BYTES, 1);
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const [text] = await Promise.all([
    new Response(readable).text(),
    writeAll(writable, bytes, Math.ceil(bytes.length / Math.ceil(tasks))),
  ]);
  return text;
}

async function writeAll(
  stream: WritableStream<BufferSource>,
  bytes: Uint8Array<ArrayBuffer>,
  each: number,
): Promise<void> {
  const writer = stream.getWriter();
  for (let at = 0; at < bytes.length; at += each) {
    if (at > 0) await nextTask();
    await writer.write(bytes.subarray(at, at + each));
  }
  await writer.close();
}
