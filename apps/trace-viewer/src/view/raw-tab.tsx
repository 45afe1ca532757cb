import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { parseJson, pretty } from "../data/json.ts";
import { nextTask } from "../data/next-task.ts";
import { count } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { CopyButton, Empty, useText } from "./bits.tsx";
import { LongText } from "./long-text.tsx";

const PARTS = ["request", "response"] as const;

/** Request and response as JSON, put together again from what the page has. */
export function RawTab({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const [part, setPart] = useState<(typeof PARTS)[number]>("request");
  const facts = trace.request(request);
  const response = useText(trace, facts?.response);
  const sent = useRequestText(trace, part === "request" ? request : -1);
  const received = useMemo(
    () => (response === undefined ? undefined : indented(response)),
    [response],
  );
  if (facts === undefined) return <Empty>No request.</Empty>;
  const text = part === "request" ? sent : received;
  const payload = part === "request" ? facts.requestPayload : facts.responsePayload;
  const isAbsent = part === "request" ? facts.input === undefined : facts.response === undefined;
  return (
    <>
      <div class="summary">
        <span class="switch" role="group" aria-label="Part">
          {PARTS.map((each) => (
            <button key={each} aria-pressed={part === each} onClick={() => setPart(each)}>
              {each}
            </button>
          ))}
        </span>{" "}
        {payload !== null && <code class="muted">{payload}</code>}{" "}
        {text !== undefined && (
          <>
            <span class="muted">{count(text.length)} characters, indented</span>{" "}
            <CopyButton what={`${part} ${request + 1}`} text={() => text} />
          </>
        )}
      </div>
      <div class="scroll pad" tabIndex={0} role="region" aria-label={`${part} as JSON`}>
        {isAbsent ? (
          <Empty>
            {part === "request"
              ? "The recording does not have this request."
              : "No response was recorded."}
          </Empty>
        ) : text === undefined ? (
          <p class="loading">…</p>
        ) : (
          <LongText text={text} className="code raw" isOpen={text.length < 200_000} />
        )}
      </div>
    </>
  );
}

/** The request as JSON; of one that continued a response, with what it left out. */
function useRequestText(trace: Trace, request: number): string | undefined {
  const [made, setMade] = useState<{ request: number; text: string }>();
  useEffect(() => {
    if (request < 0 || made?.request === request) return;
    let isWanted = true;
    void (async () => {
      const text = await requestText(trace, request);
      if (isWanted) setMade({ request, text });
    })();
    return () => {
      isWanted = false;
    };
  }, [request]);
  return made?.request === request ? made.text : undefined;
}

async function requestText(trace: Trace, request: number): Promise<string> {
  let sliceEnd = performance.now() + SLICE_MS;
  const indentedText = async (id: number): Promise<string> => {
    const text = indented(await trace.texts.read(id));
    if (performance.now() >= sliceEnd) {
      await nextTask();
      sliceEnd = performance.now() + SLICE_MS;
    }
    return text.replaceAll("\n", "\n  ");
  };
  const members: string[] = [];
  for (const [name, id] of trace.request(request)?.members ?? [])
    members.push(`${JSON.stringify(name)}: ${await indentedText(id)}`);
  const elements: string[] = [];
  for (const id of trace.sent(request))
    elements.push(`\n    ${(await indentedText(id)).replaceAll("\n", "\n  ")}`);
  const input = `"input": [${elements.join(",")}${elements.length > 0 ? "\n  " : ""}]`;
  // Where Codex puts it: behind model and instructions.
  const place = members.findLastIndex((text) => /^"(?:model|instructions)":/.test(text)) + 1;
  return `{\n  ${members.toSpliced(place, 0, input).join(",\n  ")}\n}`;
}

/** Between two slices the page handles keys and clicks. */
const SLICE_MS = 20;

function indented(text: string): string {
  const value = parseJson(text);
  return value === undefined ? text : pretty(value);
}
