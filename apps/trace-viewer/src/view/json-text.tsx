import type { ComponentChildren, JSX } from "preact";
import { pattern } from "../state/search.ts";
import { LongText } from "./long-text.tsx";

/** Coloring many tokens costs more than it helps. */
const MAX_COLORED = 40_000;
const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;

/** JSON with its keys, texts and numbers told apart; long or searched texts stay plain. */
export function JsonText({
  text,
  className,
  isOpen = false,
}: {
  readonly text: string;
  readonly className: string;
  readonly isOpen?: boolean;
}): JSX.Element {
  const isShort = text.length <= MAX_COLORED && text.split("\n").length <= 24;
  if (!isShort || pattern.value !== undefined)
    return <LongText text={text} className={`${className} code`} isOpen={isOpen} />;
  return (
    <div class={`${className} code`}>
      <pre>{colored(text)}</pre>
    </div>
  );
}

function colored(text: string): ComponentChildren {
  const pieces: ComponentChildren[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    pieces.push(text.slice(at, match.index));
    const [token, colon] = match;
    const kind = colon !== undefined ? "key" : token.startsWith('"') ? "string" : "number";
    pieces.push(<span class={`json-${kind}`}>{token}</span>);
    at = match.index + token.length;
  }
  return [...pieces, text.slice(at)];
}
