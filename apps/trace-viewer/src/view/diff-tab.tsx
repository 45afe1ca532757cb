import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Trace } from "../data/trace.ts";
import { base } from "../state/route.ts";
import { Empty } from "./bits.tsx";
import { Difference } from "./difference.tsx";
import type { Side } from "./difference.tsx";
import { VerdictLine } from "./verdict.tsx";

/** A request beside the one before it, or any other. */
export function DiffTab({
  trace,
  request,
}: {
  readonly trace: Trace;
  readonly request: number;
}): JSX.Element {
  const from = base.value ?? trace.request(request)?.previous ?? -1;
  const sides = useMemo(
    () => (from < 0 ? undefined : { before: sideOf(trace, from), after: sideOf(trace, request) }),
    [trace, from, request],
  );
  return (
    <Difference
      texts={trace.texts}
      sides={sides}
      head={
        <>
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
        </>
      }
    >
      {base.value === undefined && <VerdictLine trace={trace} request={request} />}
      {from < 0 && (
        <Empty>
          The first request of its agent: there is nothing to compare it with. Choose another
          request above.
        </Empty>
      )}
    </Difference>
  );
}

function sideOf(trace: Trace, request: number): Side {
  return { members: trace.request(request)?.members ?? [], input: trace.sent(request) };
}
