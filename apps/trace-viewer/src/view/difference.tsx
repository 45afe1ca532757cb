import { compareRequests } from "@codex-ts/rollout-trace/requests";
import type {
  Excerpt,
  ListSegment,
  RequestComparison,
  TextDifference,
} from "@codex-ts/rollout-trace/requests";
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { changedText, placeName, plural } from "../data/numbers.ts";
import type { TextStore } from "../data/text-store.ts";
import { Empty, useTexts } from "./bits.tsx";
import { DiffCard } from "./diff-card.tsx";
import { VirtualList } from "./virtual-list.tsx";

/** The contents of a request, as numbers of texts. */
export interface Side {
  readonly members: readonly (readonly [string, number])[];
  readonly input: readonly number[];
}

/** A comparison of more differences than this is no longer read by anyone. */
const MAX_TEXTS = 3000;

/**
 * Texts that are not in the same place on both sides. The first ones of the prompt come first, then those that one side
 * alone has, so that with too many it is the moved ones that are missing.
 */
function neededTexts(before: Side, after: Side): readonly number[] {
  const known = new Map(after.members);
  const members = before.members.filter(([name, id]) => known.get(name) !== id);
  const longest = Math.max(before.input.length, after.input.length);
  const moved = Array.from({ length: longest }, (_, index) => [
    before.input[index],
    after.input[index],
  ])
    .filter(([left, right]) => left !== right)
    .flat();
  const [left, right] = [new Set(before.input), new Set(after.input)];
  const needed = [
    ...members.map(([, id]) => id),
    ...after.members.map(([, id]) => id),
    ...moved.slice(0, 2),
    ...[...left].filter((id) => !right.has(id)),
    ...[...right].filter((id) => !left.has(id)),
    ...moved,
  ];
  return [...new Set(needed.filter((id) => id !== undefined))].slice(0, MAX_TEXTS);
}

export interface DifferenceProps {
  readonly texts: TextStore;
  /** Both stay the same objects while they are the same requests. `undefined`: there is nothing to compare. */
  readonly sides: { readonly before: Side; readonly after: Side } | undefined;
  /** Stands before the counts. */
  readonly head: ComponentChildren;
  /** Stands between the counts and the first difference. */
  readonly children: ComponentChildren;
}

/** The changes between two requests: which items, and inside an item which words. */
export function Difference({ texts: store, sides, head, children }: DifferenceProps): JSX.Element {
  const needed = useMemo(
    () => (sides === undefined ? [] : neededTexts(sides.before, sides.after)),
    [sides],
  );
  const texts = useTexts(store, needed);
  const comparison = useMemo(
    () =>
      texts === undefined || sides === undefined
        ? undefined
        : compareRequests(sides.before, sides.after, (id) => texts.get(id) ?? ""),
    [texts, sides],
  );
  return (
    <>
      <div class="summary diff-head">
        {head}
        {comparison !== undefined && sides !== undefined && (
          <Counts
            comparison={comparison}
            onlyIds={onlyIds(sides, comparison, texts)}
            members={differingMembers(sides, comparison)}
          />
        )}
      </div>
      {children}
      {sides !== undefined && comparison === undefined && <Empty>Comparing…</Empty>}
      {comparison !== undefined && sides !== undefined && (
        <>
          {comparison.first !== undefined && (
            <FirstDifference difference={comparison.first.difference} />
          )}
          <Segments sides={sides} comparison={comparison} texts={texts ?? new Map()} />
        </>
      )}
    </>
  );
}

function Counts({
  comparison: { counts },
  onlyIds: ids,
  members,
}: {
  readonly comparison: RequestComparison;
  readonly onlyIds: number;
  readonly members: readonly string[];
}): JSX.Element {
  return (
    <span class="muted">
      {plural(counts.same, "item")} the same · {counts.added} added ·{" "}
      {changedText(counts.changed, ids) ?? "0 changed"} · {counts.removed} removed
      {members.length > 0 && <> · members that differ: {members.join(", ")}</>}
    </span>
  );
}

/** How many of the changed items differ in nothing but their id. */
function onlyIds(
  { before, after }: { readonly before: Side; readonly after: Side },
  { input }: RequestComparison,
  texts: ReadonlyMap<number, string> | undefined,
): number {
  const contents = (id: number | undefined): string =>
    (texts?.get(id ?? -1) ?? "").replace(/"id":"[^"]*",?/, "");
  return input
    .filter(({ kind }) => kind === "changed")
    .flatMap((segment) =>
      Array.from(
        { length: segment.count },
        (_, offset) =>
          contents(before.input[segment.before + offset]) ===
          contents(after.input[segment.after + offset]),
      ),
    )
    .filter(Boolean).length;
}

function FirstDifference({ difference }: { readonly difference: TextDifference }): JSX.Element {
  const { pointer, byteOffset, before, after } = difference;
  return (
    <div class="first-difference" role="note" aria-label="First difference">
      <p>
        First difference: <code>{placeName(pointer)}</code>
        {before.text !== undefined && after.text !== undefined && <> at byte {byteOffset}</>}
      </p>
      <ExcerptLine sign="−" excerpt={before} />
      <ExcerptLine sign="+" excerpt={after} />
    </div>
  );
}

function ExcerptLine({
  sign,
  excerpt: { text, column },
}: {
  readonly sign: string;
  readonly excerpt: Excerpt;
}): JSX.Element {
  if (text === undefined)
    return (
      <pre>
        {sign} <span class="muted">(not there)</span>
      </pre>
    );
  return (
    <pre>
      {sign} {text.slice(0, column)}
      <mark>{text.slice(column) || "␃"}</mark>
    </pre>
  );
}

interface Row {
  readonly kind: ListSegment["kind"] | "member";
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly label: string;
}

function Segments({
  sides,
  comparison,
  texts,
}: {
  readonly sides: { readonly before: Side; readonly after: Side };
  readonly comparison: RequestComparison;
  readonly texts: ReadonlyMap<number, string>;
}): JSX.Element {
  const rows = useMemo(() => rowsOf(sides, comparison), [sides, comparison]);
  return (
    <VirtualList
      className="cards"
      of={rows}
      count={rows.length}
      estimate={(index) => (rows[index]?.kind === "same" ? 34 : 140)}
      keyOf={(index) => `${rows[index]?.label}${index}`}
      attributes={{ role: "region", "aria-label": "Differences", tabIndex: 0 }}
      row={(index) => {
        const row = rows[index];
        if (row === undefined) return undefined;
        if (row.kind === "same") return <p class="same-run muted">{row.label}</p>;
        const { before: left, after: right, label } = row;
        if ([left, right].some((id) => id !== undefined && !texts.has(id)))
          return (
            <p class="same-run muted">
              {label}: one of more than {MAX_TEXTS} differences, not compared
            </p>
          );
        return (
          <DiffCard
            label={label}
            isMember={row.kind === "member"}
            isAside={row.kind === "member" && !isPromptMember(label)}
            kind={left === undefined ? "added" : right === undefined ? "removed" : "changed"}
            left={texts.get(left ?? -1)}
            right={texts.get(right ?? -1)}
          />
        );
      }}
    />
  );
}

/** In the order in which they reach the model. */
const PROMPT_MEMBERS = ["model", "instructions", "tools"] as const;

/** Names of the members that are not the same, those of the prompt first. */
function differingMembers(
  { before, after }: { readonly before: Side; readonly after: Side },
  { otherMembers }: RequestComparison,
): readonly string[] {
  const old = new Map(before.members);
  const now = new Map(after.members);
  const inPrompt = PROMPT_MEMBERS.filter((name) => old.get(name) !== now.get(name));
  return [...inPrompt, ...otherMembers];
}

function rowsOf(
  sides: { readonly before: Side; readonly after: Side },
  comparison: RequestComparison,
): readonly Row[] {
  const { before, after } = sides;
  const old = new Map(before.members);
  const now = new Map(after.members);
  const members = differingMembers(sides, comparison).map((name): Row => ({
    kind: "member",
    before: old.get(name),
    after: now.get(name),
    label: name,
  }));
  // What only identifies a request comes last.
  const isPrompt = ({ label }: Row): boolean => isPromptMember(label);
  const items = comparison.input.flatMap((segment): readonly Row[] => {
    const { kind, count } = segment;
    if (kind === "same")
      return [
        { kind, before: undefined, after: undefined, label: `${plural(count, "item")} the same` },
      ];
    return Array.from({ length: count }, (_, offset) => ({
      kind,
      before: kind === "added" ? undefined : before.input[segment.before + offset],
      after: kind === "removed" ? undefined : after.input[segment.after + offset],
      label: `item ${(kind === "removed" ? segment.before : segment.after) + offset + 1}`,
    }));
  });
  return [...members.filter(isPrompt), ...items, ...members.filter((row) => !isPrompt(row))];
}

function isPromptMember(name: string): boolean {
  return (PROMPT_MEMBERS as readonly string[]).includes(name);
}
