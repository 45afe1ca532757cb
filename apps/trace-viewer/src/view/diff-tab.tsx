import { compareRequests } from "@codex-ts/rollout-trace/requests";
import type {
  Excerpt,
  ListSegment,
  RequestComparison,
  TextDifference,
} from "@codex-ts/rollout-trace/requests";
import { diffLines } from "diff/lib/diff/line.js";
import { diffWordsWithSpace } from "diff/lib/diff/word.js";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { itemBody, plainText } from "../data/item-body.ts";
import { isObject, parseJson, pretty, sortedKeys } from "../data/json.ts";
import { changedText, placeName, plural } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { base } from "../state/route.ts";
import { Empty, useTexts } from "./bits.tsx";
import { Body } from "./item-card.tsx";
import { VerdictLine } from "./verdict.tsx";
import { VirtualList } from "./virtual-list.tsx";

/** The changes between two requests: which items, and inside an item which words. */
export function DiffTab({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const facts = trace.request(request);
  const from = base.value ?? facts?.previous ?? -1;
  const sides = useMemo(() => sidesOf(trace, from, request), [trace, from, request]);
  const texts = useTexts(trace, sides.needed);
  const comparison = useMemo(
    () =>
      texts === undefined || from < 0
        ? undefined
        : compareRequests(sides.before, sides.after, (id) => texts.get(id) ?? ""),
    [texts, sides],
  );
  return (
    <>
      <div class="summary diff-head">
        <label>
          Request {request + 1} compared with{" "}
          <input
            type="number"
            class="number"
            min={1}
            max={trace.index.requests.length}
            value={from < 0 ? "" : from + 1}
            onChange={({ currentTarget }) => {
              const number = currentTarget.valueAsNumber - 1;
              base.value = trace.request(number) === undefined ? undefined : number;
            }}
          />
        </label>
        {base.value !== undefined && (
          <button class="copy" onClick={() => (base.value = undefined)}>
            the one before
          </button>
        )}
        {comparison !== undefined && (
          <Counts comparison={comparison} onlyIds={onlyIds(sides, comparison, texts)} />
        )}
      </div>
      {base.value === undefined && <VerdictLine trace={trace} request={request} />}
      {from < 0 && (
        <Empty>
          The first request of its agent: there is nothing to compare it with. Choose another
          request above.
        </Empty>
      )}
      {from >= 0 && comparison === undefined && <Empty>Comparing…</Empty>}
      {comparison !== undefined && (
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

interface Side {
  readonly members: readonly (readonly [string, number])[];
  readonly input: readonly number[];
}

function sidesOf(
  trace: Trace,
  from: number,
  to: number,
): { before: Side; after: Side; needed: readonly number[] } {
  const side = (request: number): Side => ({
    members: trace.request(request)?.members ?? [],
    input: request < 0 ? [] : trace.sent(request),
  });
  const [before, after] = [side(from), side(to)];
  const ids = ({ members, input }: Side): Set<number> =>
    new Set([...members.map(([, id]) => id), ...input]);
  const [left, right] = [ids(before), ids(after)];
  const needed = new Set([...left].filter((id) => !right.has(id)));
  for (const id of right) if (!left.has(id)) needed.add(id);
  // What stands in another place on one side is compared, too.
  for (const [index, id] of before.input.entries()) {
    const other = after.input[index];
    if (id === other) continue;
    needed.add(id);
    if (other !== undefined) needed.add(other);
    if (needed.size > MAX_TEXTS) break;
  }
  return { before, after, needed: [...needed].slice(0, MAX_TEXTS) };
}

/** A comparison of more differences than this is no longer read by anyone. */
const MAX_TEXTS = 3000;

function Counts({
  comparison: { counts, otherMembers },
  onlyIds: ids,
}: {
  readonly comparison: RequestComparison;
  readonly onlyIds: number;
}): JSX.Element {
  return (
    <span class="muted">
      {plural(counts.same, "item")} the same · {counts.added} added ·{" "}
      {changedText(counts.changed, ids) ?? "0 changed"} · {counts.removed} removed
      {otherMembers.length > 0 && <> · other members that differ: {otherMembers.join(", ")}</>}
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
        const left = row.before === undefined ? undefined : texts.get(row.before);
        const right = row.after === undefined ? undefined : texts.get(row.after);
        return <DiffCard row={row} left={left} right={right} />;
      }}
    />
  );
}

function rowsOf(
  { before, after }: { readonly before: Side; readonly after: Side },
  comparison: RequestComparison,
): readonly Row[] {
  const old = new Map(before.members);
  const now = new Map(after.members);
  const members = [...new Set([...old.keys(), ...now.keys()])]
    .filter(
      (name) =>
        comparison.otherMembers.includes(name) ||
        (isPromptMember(name) && old.get(name) !== now.get(name)),
    )
    .map((name): Row => ({
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
  return ["model", "instructions", "tools"].includes(name);
}

function DiffCard({
  row,
  left,
  right,
}: {
  readonly row: Row;
  readonly left: string | undefined;
  readonly right: string | undefined;
}): JSX.Element {
  const kind =
    row.kind === "member"
      ? left === undefined
        ? "added"
        : right === undefined
          ? "removed"
          : "changed"
      : row.kind;
  const tone = kind === "added" ? "new" : kind === "removed" ? "removed" : "changed";
  return (
    <article
      class={`card tone-${toneOf(right ?? left)} ${tone}`}
      aria-label={`${row.label} ${kind}`}
    >
      <header>
        <strong class="kind">{typeOf(right ?? left) ?? row.label}</strong>
        {row.kind !== "member" && <span class="muted">{row.label}</span>}
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
