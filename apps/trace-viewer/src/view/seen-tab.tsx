import { alignLists } from "@codex-ts/rollout-trace/requests";
import type { HTMLAttributes, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { isList, isObject, parseJson, pretty, textOf } from "../data/json.ts";
import type { Json } from "../data/json.ts";
import { changedText, estimateTokens, plural, short } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { item as pointedAt, query } from "../state/route.ts";
import { CopyButton, Empty, useText } from "./bits.tsx";
import { ItemCard, copyItems } from "./item-card.tsx";
import type { ItemMark } from "./item-card.tsx";
import { JsonText } from "./json-text.tsx";
import { LongText } from "./long-text.tsx";
import { VirtualList } from "./virtual-list.tsx";

interface SeenRow {
  readonly item: number;
  readonly position: number | undefined;
  readonly mark: ItemMark | undefined;
}

/** The request as the model saw it: instructions, tools, then every item in order. */
export function SeenTab({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const rows = useMemo(() => seenRows(trace, request), [trace, request]);
  const facts = trace.request(request);
  if (facts === undefined) return <Empty>No request.</Empty>;
  const seen = trace.seen(request);
  const characters = seen.reduce((sum, number) => sum + (trace.item(number)?.size ?? 0), 0);
  const marked = (...marks: readonly ItemMark[]): number =>
    rows.filter(({ mark }) => mark !== undefined && marks.includes(mark)).length;
  const fresh = marked("new");
  const removed = marked("removed");
  const changed = changedText(marked("changed", "id changed"), marked("id changed"));
  const focused = rows.findIndex(({ item }) => item === pointedAt.value);
  const heads = ["instructions", "tools"].filter(
    (name) => trace.member(request, name) !== undefined,
  );
  return (
    <>
      <p class="summary">
        The model saw <strong>{plural(seen.length, "item")}</strong>, about{" "}
        {short(estimateTokens(characters))} tokens
        {facts.previous >= 0 && (
          <>
            {": "}
            <strong>{fresh} new</strong> since request {facts.previous + 1}
            {changed !== undefined && (
              <>
                , <strong>{changed}</strong>
              </>
            )}
            {removed > 0 && (
              <>
                , <strong>{removed} removed</strong>
              </>
            )}
          </>
        )}
        .{" "}
        {fresh > 0 && seen.length > fresh && (
          <button
            class="copy"
            onClick={() => (pointedAt.value = rows.find(({ mark }) => mark === "new")?.item)}
          >
            Go to the new ones
          </button>
        )}{" "}
        <button
          class="copy"
          onClick={() =>
            void copyItems(trace, seen, `what the model saw at request ${request + 1}`)
          }
        >
          Copy as Markdown
        </button>
      </p>
      {facts.input === undefined && (
        <Empty>
          The recording does not have this request; see Session for what was wrong with it.
        </Empty>
      )}
      <VirtualList
        className="cards"
        of={rows}
        count={heads.length + rows.length}
        estimate={(index) => (index < heads.length ? 60 : 120)}
        keyOf={(index) => {
          const row = rows[index - heads.length];
          return row === undefined ? `head ${heads[index]}` : `${row.item} ${row.position}`;
        }}
        focus={pointedAt.value === undefined ? 0 : focused + heads.length}
        align="start"
        attributes={
          {
            role: "region",
            "aria-label": "What the model saw",
            tabIndex: 0,
            "data-request": String(request + 1),
          } as HTMLAttributes<HTMLDivElement>
        }
        row={(index) => {
          const row = rows[index - heads.length];
          if (row !== undefined) return <ItemCard trace={trace} {...row} />;
          const name = heads[index] ?? "";
          return <MemberCard trace={trace} request={request} name={name} />;
        }}
      />
    </>
  );
}

function seenRows(trace: Trace, request: number): readonly SeenRow[] {
  const previous = trace.request(request)?.previous ?? -1;
  const before = previous < 0 ? [] : trace.seen(previous);
  const after = trace.seen(request);
  const rows: SeenRow[] = [];
  const sent = [previous < 0 ? [] : trace.sent(previous), trace.sent(request)] as const;
  // Only where each item was sent by its own can it be told in which form.
  const isTold = sent[0].length === before.length && sent[1].length === after.length;
  // The rule by which a comparison of requests takes an item for a changed one.
  const segments = alignLists(before, after, (left, right) => {
    const [old, now] = [trace.item(left), trace.item(right)];
    return old?.kind === now?.kind && old?.role === now?.role;
  });
  for (const { kind, before: from, after: to, count } of segments) {
    for (let offset = 0; offset < count; offset += 1) {
      const old = before[from + offset];
      const item = kind === "removed" ? old : after[to + offset];
      if (item === undefined) continue;
      let mark: ItemMark | undefined;
      if (kind === "same") {
        const [left, right] = [sent[0][from + offset], sent[1][to + offset]];
        if (isTold && left !== right) mark = changeOf(sizeOf(trace, left) === sizeOf(trace, right));
      } else if (kind === "changed") {
        mark = changeOf(old !== undefined && twinOf(trace, old) === twinOf(trace, item));
        if (mark === "changed" && old !== undefined)
          rows.push({ item: old, mark: "before", position: undefined });
      } else if (previous >= 0) mark = kind === "added" ? "new" : kind;
      rows.push({ item, mark, position: kind === "removed" ? undefined : to + offset + 1 });
    }
  }
  return rows;
}

function changeOf(isOnlyId: boolean): ItemMark {
  return isOnlyId ? "id changed" : "changed";
}

/** The first item that is the same but for its id. */
function twinOf(trace: Trace, item: number): number {
  return trace.item(item)?.sameAs ?? item;
}

function sizeOf({ texts }: Trace, text: number | undefined): number {
  return text === undefined ? 0 : texts.lengthOf(text);
}

/** Instructions, or tools by their names. */
function MemberCard({
  trace,
  request,
  name,
}: {
  readonly trace: Trace;
  readonly request: number;
  readonly name: string;
}): JSX.Element {
  const id = trace.member(request, name);
  const previous = trace.request(request)?.previous ?? -1;
  const isChanged = previous >= 0 && trace.member(previous, name) !== id;
  const text = useText(trace, id);
  const value = text === undefined ? undefined : parseJson(text);
  return (
    <article class={`card tone-system ${isChanged ? "new" : ""}`} aria-label={name}>
      <header>
        <strong class="kind">{name}</strong>
        {isList(value) && <span class="muted">{plural(value.length, "tool")}</span>}
        {isChanged && <span class="tag tag-new">changed</span>}
        <span class="grow" />
        <span class="muted size">
          ~{short(estimateTokens(id === undefined ? 0 : trace.texts.lengthOf(id)))} tok
        </span>
        {text !== undefined && <CopyButton what={name} text={() => textOf(value) ?? text} />}
      </header>
      {value === undefined ? (
        <p class="loading">…</p>
      ) : isList(value) ? (
        <ToolList tools={value.map((tool) => [toolName(tool), pretty(tool)] as const)} />
      ) : (
        <LongText text={textOf(value) ?? pretty(value)} className="body text" lines={8} />
      )}
    </article>
  );
}

function ToolList({
  tools,
}: {
  readonly tools: readonly (readonly [string, string])[];
}): JSX.Element {
  const isSearching = query.value !== "";
  return (
    <div class="body tools">
      {tools.map(([name, text], index) => (
        <details
          key={index}
          open={isSearching && text.toLowerCase().includes(query.value.toLowerCase())}
        >
          <summary>{name}</summary>
          <JsonText text={text} className="" isOpen />
        </details>
      ))}
      {tools.length === 0 && <span class="muted">(none)</span>}
    </div>
  );
}

function toolName(tool: Json): string {
  if (!isObject(tool)) return "tool";
  return textOf(tool["name"]) ?? textOf(tool["type"]) ?? "tool";
}
