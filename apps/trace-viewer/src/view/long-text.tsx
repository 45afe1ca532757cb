import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { count } from "../data/numbers.ts";
import { pattern } from "../state/search.ts";
import { Marked } from "./bits.tsx";

const CUT_LINES = 24;
const CUT_CHARACTERS = 4000;
/** So much is put into one block element; the browser lays out only those it shows. */
const PIECE_CHARACTERS = 20_000;
const PIECE_LINES = 400;
const PIECES_PER_FRAME = 6;
/** In pixels, as the style has it: how high a piece is before it is laid out. */
const LINE_HEIGHT = 18;

export interface LongTextProps {
  readonly text: string;
  readonly className: string;
  readonly isOpen?: boolean;
  /** Lines shown at first. Default 24. */
  readonly lines?: number;
}

/** A text that is cut until someone wants all of it. Very long ones are put into the page piece by piece. */
export function LongText({
  text,
  className,
  isOpen = false,
  lines: maxLines = CUT_LINES,
}: LongTextProps): JSX.Element {
  const [isWhole, setWhole] = useState(isOpen);
  useEffect(() => {
    if (isOpen) setWhole(true);
  }, [isOpen]);
  const cut = cutOf(text, maxLines);
  const isCut = cut.length < text.length;
  const lines = useMemo(() => (isCut ? countLines(text) : 0), [text]);
  return (
    <div class={className}>
      {isWhole || !isCut ? (
        <Pieces text={text} />
      ) : (
        <pre>
          <Marked text={cut} pattern={pattern.value} />
        </pre>
      )}
      {isCut && (
        <button class="more" onClick={() => setWhole(!isWhole)}>
          {isWhole
            ? "Show less"
            : `Show all ${lines > 1 ? `${count(lines)} lines, ` : ""}${count(text.length)} characters`}
        </button>
      )}
    </div>
  );
}

function cutOf(text: string, maxLines: number): string {
  const head = text.slice(0, CUT_CHARACTERS);
  let at = -1;
  for (let line = 0; line < maxLines; line += 1) {
    at = head.indexOf("\n", at + 1);
    if (at === -1) return head;
  }
  return head.slice(0, at);
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

function Pieces({ text }: { readonly text: string }): JSX.Element {
  const pieces = useMemo(() => piecesOf(text), [text]);
  const [shown, setShown] = useState(PIECES_PER_FRAME);
  useEffect(() => {
    if (shown >= pieces.length) return;
    const frame = requestAnimationFrame(() => setShown(shown + PIECES_PER_FRAME));
    return () => cancelAnimationFrame(frame);
  }, [shown, pieces.length]);
  return (
    <>
      {pieces.slice(0, shown).map((piece, index) => (
        <pre
          key={index}
          class="piece"
          style={{ containIntrinsicHeight: `auto ${countLines(piece) * LINE_HEIGHT}px` }}
        >
          <Marked text={piece} pattern={pattern.value} />
        </pre>
      ))}
    </>
  );
}

/** Cut at ends of lines where there are any. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = pieceEnd(text, at);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function pieceEnd(text: string, start: number): number {
  const part = text.slice(start, start + PIECE_CHARACTERS);
  let length = 0;
  for (let line = 0; line < PIECE_LINES; line += 1) {
    const lineEnd = part.indexOf("\n", length);
    if (lineEnd === -1) {
      const isLast = start + part.length === text.length;
      return start + (isLast || length === 0 ? part.length : length);
    }
    length = lineEnd + 1;
  }
  return start + length;
}
