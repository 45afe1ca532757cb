import type { JsonNode } from "../../json/node.ts";
import { parseExactJson } from "../../json/parse-exact.ts";
import { printCompact } from "../../json/print.ts";

type Member = readonly [name: string, text: string];

/** So many different pieces of requests are remembered: tools and instructions stay, metadata changes every time. */
const REMEMBERED = 256;

/** Prints the members of requests around `input`. What was printed before is not parsed again. */
export class MemberTexts {
  readonly #known = new Map<string, readonly Member[]>();

  /** Of an object, except `input`. */
  ofNode(node: JsonNode): ReadonlyMap<string, string> {
    return new Map(membersOf(node));
  }

  /** Of a payload that nobody else looks into; empty when it is no JSON. */
  ofBytes(bytes: Uint8Array | undefined): ReadonlyMap<string, string> {
    try {
      return this.ofNode(parseExactJson(new TextDecoder().decode(bytes)));
    } catch {
      return new Map();
    }
  }

  /** Of pieces that are each a row of members, or an object cut off behind the `[` of `input`. */
  ofPieces(pieces: readonly string[]): ReadonlyMap<string, string> {
    return new Map(pieces.flatMap((piece) => this.#ofPiece(piece)));
  }

  #ofPiece(piece: string): readonly Member[] {
    const known = this.#known.get(piece);
    if (known !== undefined) return known;
    const members = membersOf(parseExactJson(piece));
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(piece, members);
    return members;
  }
}

function membersOf(node: JsonNode): readonly Member[] {
  if (!(node instanceof Map)) return [];
  return [...node].flatMap(([name, value]) =>
    name === "input" ? [] : [[name, printCompact(value)] as const],
  );
}
