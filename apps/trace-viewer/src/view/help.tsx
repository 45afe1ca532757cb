import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

export const isHelpOpen = signal(false);

const KEYS: readonly (readonly [string, string])[] = [
  ["j  k", "next, previous request"],
  ["J  K", "next, previous turn"],
  ["[  ]", "previous, next agent"],
  ["1 … 6", "tabs: seen, response, diff, wire, raw, context"],
  ["d", "diff with the request before"],
  [".", "raw JSON, and back"],
  ["f", "next request that failed or was sent again"],
  ["m", "next cache miss"],
  ["c", "copy the response id"],
  ["C", "copy the upstream request id (x-request-id), or that of the connection"],
  ["/", "search; /…/ is a regular expression"],
  ["n  N", "next, previous hit"],
  ["g a  g l  g s  g r", "agents, ledger, session, requests"],
  ["t", "light, dark, as the system"],
  ["?", "this help"],
  ["Esc", "close, clear, back to the list"],
];

export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isHelpOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isHelpOpen.value]);
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="help-title">Keyboard</h2>
      <table class="facts">
        <tbody>
          {KEYS.map(([keys, what]) => (
            <tr key={keys}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">
        Links: <code>#r=12&tab=diff</code> opens a place in this file; <code>#response=ID</code>,{" "}
        <code>#upstream=ID</code> and <code>#call=ID</code> find a request in any export of the run.
      </p>
      <button onClick={() => (isHelpOpen.value = false)}>Close</button>
    </dialog>
  );
}
