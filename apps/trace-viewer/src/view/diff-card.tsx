import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { itemBody, plainText } from "../data/item-body.ts";
import { isObject, parseJson, pretty, sortedKeys } from "../data/json.ts";
import { plural } from "../data/numbers.ts";
import { textChanges } from "../data/text-changes.ts";
import { Body } from "./item-card.tsx";
import { LongText } from "./long-text.tsx";

/** A member or an item of a request that the other request has not, or not so. */
export interface DiffCardProps {
  readonly label: string;
  readonly isMember: boolean;
  /** It is no part of the prompt, so it is folded where it is long. */
  readonly isAside: boolean;
  readonly kind: "added" | "removed" | "changed";
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** So much is read at a glance. */
const FOLDED_CHARACTERS = 400;

/** One difference of two requests; inside what changed, word by word. */
export function DiffCard(props: DiffCardProps): JSX.Element {
  const { label, isMember, isAside, kind, left, right } = props;
  const tone = kind === "added" ? "new" : kind;
  const isFolded = isAside && (left ?? "").length + (right ?? "").length > FOLDED_CHARACTERS;
  return (
    <article class={`card tone-${toneOf(right ?? left)} ${tone}`} aria-label={`${label} ${kind}`}>
      <header>
        <strong class="kind">{typeOf(right ?? left) ?? label}</strong>
        {!isMember && <span class="muted">{label}</span>}
        <span class={`tag tag-${tone}`}>{kind}</span>
      </header>
      {isFolded ? <Folded {...props} /> : <Contents {...props} />}
    </article>
  );
}

function Contents({ left, right }: Pick<DiffCardProps, "left" | "right">): JSX.Element {
  return left !== undefined && right !== undefined ? (
    <TextDiff left={left} right={right} />
  ) : (
    <Lone text={right ?? left ?? ""} />
  );
}

function Folded({ left, right }: Pick<DiffCardProps, "left" | "right">): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const names = useMemo(() => differingKeys(left, right), [left, right]);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary class="body muted">
        {names.length > 0
          ? `differs in ${names.join(", ")}`
          : plural((right ?? left ?? "").length, "character")}
      </summary>
      {isOpen && <Contents left={left} right={right} />}
    </details>
  );
}

/** Keys of two objects whose values are not the same. */
function differingKeys(left: string | undefined, right: string | undefined): readonly string[] {
  const [old, now] = [parseJson(left ?? ""), parseJson(right ?? "")];
  if (!isObject(old) || !isObject(now)) return [];
  return Object.keys({ ...old, ...now }).filter(
    (key) => JSON.stringify(old[key]) !== JSON.stringify(now[key]),
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

function TextDiff({ left, right }: { readonly left: string; readonly right: string }): JSX.Element {
  const { before, after, changes } = useMemo(() => {
    const [old, now] = [readable(left), readable(right)];
    const form = old.plain === now.plain ? "json" : "plain";
    return { before: old[form], after: now[form], changes: textChanges(old[form], now[form]) };
  }, [left, right]);
  if (changes === undefined)
    return (
      <div class="text-diff whole">
        <del>
          <LongText text={before} className="body" />
        </del>
        <ins>
          <LongText text={after} className="body" />
        </ins>
      </div>
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

/** Unchanged text is shown around a change and left out between two. */
function elided(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= 10) return text;
  return [...lines.slice(0, 4), `⋯ ${lines.length - 8} lines the same ⋯`, ...lines.slice(-4)].join(
    "\n",
  );
}
