import type { PageItem } from "@codex-ts/trace-viewer-page/format";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { itemBody } from "../data/item-body.ts";
import type { BodyPart } from "../data/item-body.ts";
import { count, estimateTokens, short } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { copy } from "../state/notice.ts";
import { goTo, item as pointedAt } from "../state/route.ts";
import { pattern } from "../state/search.ts";
import { CopyButton, useText } from "./bits.tsx";
import { JsonText } from "./json-text.tsx";
import { LongText } from "./long-text.tsx";

/** The change of an item since the request before; `before` is the old form of one that changed. */
export type ItemMark = "new" | "removed" | "changed" | "before" | "id changed";

export interface ItemCardProps {
  readonly trace: Trace;
  readonly item: number;
  /** Place in the request, from 1; `undefined` where there is none. */
  readonly position?: number | undefined;
  readonly mark?: ItemMark | undefined;
}

/** One item of a conversation. */
export function ItemCard({ trace, item: number, position, mark }: ItemCardProps): JSX.Element {
  const item = trace.item(number);
  const text = useText(trace, item?.text);
  // By the number, because comparing long texts takes time as well.
  const body = useMemo(
    () => (text === undefined ? undefined : itemBody(text)),
    [item?.text, text === undefined],
  );
  const isPointedAt = pointedAt.value === number;
  const card = useRef<HTMLElement>(null);
  const isFound = isPointedAt && text !== undefined && pattern.value !== undefined;
  useEffect(() => {
    if (!isFound) return;
    let frame = 0;
    const giveUp = performance.now() + MARK_MS;
    // A long text comes into the page piece by piece, so its mark may have to be waited for.
    const bring = (): void => {
      const found = card.current?.querySelector("mark");
      if (found) found.scrollIntoView({ block: "center" });
      else if (performance.now() < giveUp) frame = requestAnimationFrame(bring);
    };
    // After the list has brought the item itself into view.
    const timer = setTimeout(bring, 80);
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [isFound, pattern.value]);
  if (item === undefined) return <></>;
  const kind = kindName(item);
  const isGone = mark === "removed" || mark === "before";
  return (
    <article
      ref={card}
      class={`card tone-${toneOf(item)} ${isGone ? "removed" : mark === "changed" ? "new" : (mark ?? "")} ${isPointedAt ? "pointed" : ""}`}
      data-item-id={item.id}
      aria-label={`${isGone ? `${mark}: ` : ""}${kind}${position === undefined ? "" : `, item ${position}`}`}
    >
      <header>
        {position !== undefined && <span class="position">{position}</span>}
        <strong class="kind">{kind}</strong>
        {body?.tool !== undefined && <code class="tool">{body.tool}</code>}
        {item.between !== undefined && (
          <span class="muted">
            {item.between.author} → {item.between.recipient}
          </span>
        )}
        {item.channel !== null && item.kind === "message" && (
          <span class="muted">{item.channel}</span>
        )}
        {mark !== undefined && <span class={`tag tag-${isGone ? "removed" : mark}`}>{mark}</span>}
        <span class="grow" />
        <Origin trace={trace} item={number} />
        <span
          class="muted size"
          title={`${count(item.size)} characters of JSON, roughly ${count(estimateTokens(item.size))} tokens`}
        >
          ~{short(estimateTokens(item.size))} tok
        </span>
        {text !== undefined && (
          <CopyButton what={`item ${item.id}`} text={() => itemMarkdown(kind, text)} />
        )}
      </header>
      {body === undefined ? (
        <p class="loading">…</p>
      ) : (
        <Body parts={body.parts} isOpen={isPointedAt} />
      )}
    </article>
  );
}

/** How long a mark is waited for: the text that was found may be in a part of the item that is not shown. */
const MARK_MS = 30_000;

const KIND_NAMES = {
  reasoning: "reasoning",
  function_call: "call",
  custom_tool_call: "call",
  function_call_output: "output",
  custom_tool_call_output: "output",
  compaction_marker: "compaction",
} as const;

function kindName({ kind, role }: PageItem): string {
  return kind === "message" ? role : KIND_NAMES[kind];
}

function toneOf(item: { readonly kind: string; readonly role: string }): string {
  if (item.kind === "message") return item.role;
  if (item.kind.endsWith("output")) return "tool";
  return item.kind === "reasoning" || item.kind === "compaction_marker" ? item.kind : "call";
}

export function Body({
  parts,
  isOpen,
}: {
  readonly parts: readonly BodyPart[];
  readonly isOpen: boolean;
}): JSX.Element {
  if (parts.length === 0) return <p class="muted body">(empty)</p>;
  return (
    <>
      {parts.map((part, index) => (
        <BodySection key={index} part={part} isOpen={isOpen} />
      ))}
    </>
  );
}

function BodySection({
  part,
  isOpen,
}: {
  readonly part: BodyPart;
  readonly isOpen: boolean;
}): JSX.Element {
  switch (part.kind) {
    case "note":
      return <p class="body note">{part.text}</p>;
    case "image":
      return (
        <figure class="body">
          <img src={part.source} alt="from the recording" />
          <figcaption class="muted">image, {count(part.bytes)} bytes</figcaption>
        </figure>
      );
    case "json":
      return <JsonText text={part.text} className="body" isOpen={isOpen} />;
    case "text":
    case "code":
      return (
        <>
          {part.label !== undefined && <p class="muted body">{part.label}</p>}
          <LongText text={part.text} className={`body ${part.kind}`} isOpen={isOpen} />
        </>
      );
  }
  return part satisfies never;
}

/** Who produced an item, as links to it. */
function Origin({ trace, item }: { readonly trace: Trace; readonly item: number }): JSX.Element {
  const links: ComponentChildren[] = [];
  for (const producer of trace.item(item)?.producers ?? []) {
    if ("request" in producer) {
      const { request } = producer;
      links.push(
        <button
          class="link"
          key={`r${request}`}
          onClick={() => goTo(request, { tab: "response", item })}
        >
          by request {request + 1}
        </button>,
      );
    } else if ("tool" in producer) {
      const tool = trace.tool(producer.tool);
      const request = tool?.request ?? -1;
      links.push(
        request < 0 ? (
          <span class="muted">by {tool?.name}</span>
        ) : (
          <button
            class="link"
            key={`t${producer.tool}`}
            title={`called by request ${request + 1}`}
            onClick={() => goTo(request, { tab: "response" })}
          >
            by {tool?.name} of {request + 1}
          </button>
        ),
      );
    } else links.push(<span class="muted">by {producer.other}</span>);
  }
  return <>{links}</>;
}

function itemMarkdown(kind: string, text: string): string {
  const { tool, parts } = itemBody(text);
  const sections = parts.map((part) => {
    if (part.kind === "image") return "(image)";
    return part.kind === "note" ? part.text : fenced(part.text, part.kind === "json" ? "json" : "");
  });
  return [`**${kind}${tool === undefined ? "" : ` ${tool}`}**`, ...sections].join("\n\n");
}

/** A fence longer than any in the text. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Copies several items together. */
export async function copyItems(
  trace: Trace,
  items: readonly number[],
  title: string,
): Promise<void> {
  const texts = await Promise.all(
    items.map(async (number) => {
      const item = trace.item(number);
      if (item === undefined) return "";
      return itemMarkdown(kindName(item), await trace.texts.read(item.text));
    }),
  );
  await copy([`# ${title}`, ...texts].join("\n\n"), title);
}
