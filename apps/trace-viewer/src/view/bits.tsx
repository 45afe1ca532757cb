import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { TextStore } from "../data/text-store.ts";
import type { Trace } from "../data/trace.ts";
import { copy } from "../state/notice.ts";
import { goTo } from "../state/route.ts";
import type { Tab } from "../state/route.ts";

/** A text of the page, once its block is decoded; `undefined` until then, and for no text. */
export function useText(trace: Trace, id: number | undefined): string | undefined {
  const ready = id === undefined ? undefined : trace.texts.peek(id);
  const [loaded, setLoaded] = useState<{ id: number; text: string } | undefined>();
  useEffect(() => {
    if (id === undefined || ready !== undefined) return;
    let isWanted = true;
    void (async () => {
      const text = await trace.texts.read(id);
      if (isWanted) setLoaded({ id, text });
    })();
    return () => {
      isWanted = false;
    };
  }, [id, ready === undefined]);
  return ready ?? (loaded?.id === id ? loaded?.text : undefined);
}

/** Several texts together; `undefined` until all are there. */
export function useTexts(
  texts: TextStore,
  ids: readonly number[],
): ReadonlyMap<number, string> | undefined {
  const key = ids.join();
  const [loaded, setLoaded] = useState<{ key: string; texts: ReadonlyMap<number, string> }>();
  useEffect(() => {
    let isWanted = true;
    void (async () => {
      const read = await Promise.all(ids.map(async (id) => [id, await texts.read(id)] as const));
      if (isWanted) setLoaded({ key, texts: new Map(read) });
    })();
    return () => {
      isWanted = false;
    };
  }, [key]);
  return loaded?.key === key ? loaded.texts : undefined;
}

interface IdChipProps {
  readonly name: string;
  readonly id: string | null;
  readonly shortcut: string;
}

/** An id with a button that copies it. The two ids of a request are two facts, so their names stand beside them. */
export function IdChip({ name, id, shortcut }: IdChipProps): JSX.Element {
  return (
    <span class="id-chip">
      <span class="id-name">{name}</span>
      {id === null ? (
        <span class="id-absent">none recorded</span>
      ) : (
        <>
          <code class="id-value" title={id}>
            {id}
          </code>
          <button
            class="copy"
            data-copies={name}
            title={`Copy ${name} (${shortcut})`}
            aria-label={`Copy ${name} ${id}`}
            onClick={() => void copy(id, name)}
          >
            Copy
          </button>
        </>
      )}
    </span>
  );
}

export function CopyButton({
  text,
  what,
  label = "Copy",
}: {
  readonly text: () => string;
  readonly what: string;
  readonly label?: string;
}): JSX.Element {
  return (
    <button class="copy" onClick={() => void copy(text(), what)}>
      {label}
      {label === "Copy" && <span class="unseen"> {what}</span>}
    </button>
  );
}

/** The number of a request, which leads to it. */
export function RequestLink({
  request,
  tab,
}: {
  readonly request: number;
  readonly tab?: Tab;
}): JSX.Element {
  return (
    <button
      class="link"
      aria-label={`request ${request + 1}`}
      onClick={() => goTo(request, tab && { tab })}
    >
      {request + 1}
    </button>
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  completed: "✓",
  failed: "✕",
  cancelled: "⊘",
  aborted: "⊘",
  running: "…",
};

export function statusSign(status: string): string {
  return SIGNS[status] ?? "·";
}

/** Word and sign together: color alone says nothing. */
export function Status({ status }: { readonly status: string }): JSX.Element {
  return (
    <span class={`status status-${status}`}>
      <span aria-hidden="true">{statusSign(status)} </span>
      {status}
    </span>
  );
}

/** Names and what they are. */
export function Facts({
  rows,
}: {
  readonly rows: readonly (readonly [name: string, value: ComponentChildren])[];
}): JSX.Element {
  return (
    <table class="facts">
      <tbody>
        {rows.map(([name, value], index) => (
          <tr key={index}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** A text with what was searched for marked in it. */
export function Marked({
  text,
  pattern,
}: {
  readonly text: string;
  readonly pattern: RegExp | undefined;
}): JSX.Element {
  if (pattern === undefined) return <>{text}</>;
  const pieces: ComponentChildren[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === "" || pieces.length > MAX_MARKS) break;
    pieces.push(text.slice(at, match.index), <mark key={match.index}>{match[0]}</mark>);
    at = match.index + match[0].length;
  }
  return (
    <>
      {pieces}
      {text.slice(at)}
    </>
  );
}

const MAX_MARKS = 400;
