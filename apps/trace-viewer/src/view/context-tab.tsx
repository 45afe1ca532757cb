import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { count, estimateTokens } from "../data/numbers.ts";
import type { Trace } from "../data/trace.ts";
import { goTo } from "../state/route.ts";
import { UsageChart } from "./usage-chart.tsx";
import { VerdictLine } from "./verdict.tsx";

const PARTS = [
  "instructions",
  "tools",
  "developer",
  "user",
  "assistant",
  "reasoning",
  "calls",
  "tool outputs",
] as const;
type Part = (typeof PARTS)[number];

/** The parts of the context window, the largest items, and how both grew. */
export function ContextTab({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const sizes = useMemo(() => sizesOf(trace, request), [trace, request]);
  const total = Math.max(
    1,
    [...sizes.values()].reduce((sum, size) => sum + size, 0),
  );
  const largest = useMemo(
    () =>
      trace
        .seen(request)
        .map((number, index) => ({
          number,
          position: index + 1,
          size: trace.item(number)?.size ?? 0,
        }))
        .toSorted((left, right) => right.size - left.size)
        .slice(0, 10),
    [trace, request],
  );
  return (
    <div class="scroll pad" tabIndex={0} role="region" aria-label="Context">
      <VerdictLine trace={trace} request={request} />
      <h2>What fills it</h2>
      <p class="muted">
        Shares of the request by characters; tokens are estimates of four characters each.
      </p>
      <div class="stack" aria-hidden="true">
        {PARTS.map((part) => (
          <span
            key={part}
            class={`fill fill-${part.replace(" ", "-")}`}
            style={{ width: `${((sizes.get(part) ?? 0) / total) * 100}%` }}
          />
        ))}
      </div>
      <table class="facts">
        <tbody>
          {PARTS.flatMap((part) => {
            const size = sizes.get(part) ?? 0;
            if (size === 0) return [];
            return [
              <tr key={part}>
                <th scope="row">
                  <span class={`swatch fill-${part.replace(" ", "-")}`} aria-hidden="true" /> {part}
                </th>
                <td class="num">~{count(estimateTokens(size))} tok</td>
                <td class="num">{Math.round((size / total) * 100)} %</td>
              </tr>,
            ];
          })}
        </tbody>
      </table>
      <h2>Tokens over the requests of this agent</h2>
      <UsageChart trace={trace} request={request} />
      <h2>Largest items</h2>
      <ol class="largest">
        {largest.map(({ number, position, size }) => (
          <li key={number}>
            <button class="link" onClick={() => goTo(request, { tab: "seen", item: number })}>
              item {position}: {trace.item(number)?.kind.replaceAll("_", " ")}
            </button>{" "}
            <span class="muted">~{count(estimateTokens(size))} tok</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function sizesOf(trace: Trace, request: number): ReadonlyMap<Part, number> {
  const sizes = new Map<Part, number>();
  const add = (part: Part, size: number): void =>
    void sizes.set(part, (sizes.get(part) ?? 0) + size);
  for (const name of ["instructions", "tools"] as const) {
    const id = trace.member(request, name);
    if (id !== undefined) add(name, trace.texts.lengthOf(id));
  }
  for (const number of trace.seen(request)) {
    const item = trace.item(number);
    if (item !== undefined) add(partOf(item), item.size);
  }
  return sizes;
}

function partOf({ kind, role }: { readonly kind: string; readonly role: string }): Part {
  if (kind === "reasoning") return "reasoning";
  if (kind.endsWith("output")) return "tool outputs";
  if (kind.endsWith("call")) return "calls";
  if (role === "user" || role === "assistant") return role;
  return "developer";
}
