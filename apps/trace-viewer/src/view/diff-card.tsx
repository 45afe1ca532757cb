import { diffLines } from "diff/lib/diff/line.js";
import { diffWordsWithSpace } from "diff/lib/diff/word.js";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { itemBody, plainText } from "../data/item-body.ts";
import { isObject, parseJson, pretty, sortedKeys } from "../data/json.ts";
import { plural } from "../data/numbers.ts";
import { Body } from "./item-card.tsx";

/** A member or an item of a request that the other request has not, or not so. */
export interface DiffCardProps {
  readonly label: string;
  readonly isMember: boolean;
  readonly kind: "added" | "removed" | "changed";
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** One difference of two requests; inside what changed, word by word. */
export function DiffCard({ label, isMember, kind, left, right }: DiffCardProps): JSX.Element {
  const tone = kind === "added" ? "new" : kind;
  return (
    <article class={`card tone-${toneOf(right ?? left)} ${tone}`} aria-label={`${label} ${kind}`}>
      <header>
        <strong class="kind">{typeOf(right ?? left) ?? label}</strong>
        {!isMember && <span class="muted">{label}</span>}
        <span class={`tag tag-${tone}`}>{kind}</span>
      </header>
      {left !== undefined && right !== undefined ? (
        <TextDiff left={left} right={right} />
      ) : (
        <Lone text={right ?? left ?? ""} />
      )}
    </article>
  );
}

/** A text that only one of the two requests has. */
function Lone({ text }: { readonly text: string }): JSX.Element {
  const { parts } = useMemo(() => itemBody(text), [text]);
  return <Body parts={parts} isOpen={false} />;
}

function typeOf(text: string | undefined): string | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  if (!isObject(value)) return undefined;
  const { type, role } = value;
  if (type === "message" && typeof role === "string") return role;
  return typeof type === "string" ? type.replaceAll("_", " ") : undefined;
}

function toneOf(text: string | undefined): string {
  const type = typeOf(text) ?? "";
  if (/output/.test(type)) return "tool";
  if (/call/.test(type)) return "call";
  return ["user", "assistant", "developer", "system", "reasoning"].includes(type) ? type : "system";
}

/** Of two texts that read the same the JSON differs, so then it is what has to be shown. */
function readable(text: string): { readonly plain: string; readonly json: string } {
  const value = parseJson(text);
  const json =
    value === undefined ? text : typeof value === "string" ? value : pretty(sortedKeys(value));
  return { plain: isObject(value) && "type" in value ? plainText(text) : json, json };
}

const DIFF_LIMIT = 200_000;
const DIFF_TIMEOUT_MS = 300;

function TextDiff({ left, right }: { readonly left: string; readonly right: string }): JSX.Element {
  const { before, after, changes } = useMemo(() => {
    const [old, now] = [readable(left), readable(right)];
    const form = old.plain === now.plain ? "json" : "plain";
    return { before: old[form], after: now[form], changes: changesOf(old[form], now[form]) };
  }, [left, right]);
  if (changes === undefined)
    return (
      <p class="note body">
        Too much differs to show it word by word: {plural(before.length, "character")} became{" "}
        {plural(after.length, "character")}.
      </p>
    );
  return (
    <pre class="body text-diff">
      {changes.map(({ added, removed, value }, index) =>
        added ? (
          <ins key={index}>{value}</ins>
        ) : removed ? (
          <del key={index}>{value}</del>
        ) : (
          <span key={index}>{elided(value)}</span>
        ),
      )}
    </pre>
  );
}

function changesOf(
  before: string,
  after: string,
): readonly { added: boolean; removed: boolean; value: string }[] | undefined {
  if (before.length + after.length > DIFF_LIMIT) return undefined;
  const isSmall = before.length + after.length < 8000;
  const options = { timeout: DIFF_TIMEOUT_MS };
  return isSmall ? diffWordsWithSpace(before, after, options) : diffLines(before, after, options);
}

/** Unchanged text is shown around a change and left out between two. */
function elided(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= 10) return text;
  return [...lines.slice(0, 4), `⋯ ${lines.length - 8} lines the same ⋯`, ...lines.slice(-4)].join(
    "\n",
  );
}
