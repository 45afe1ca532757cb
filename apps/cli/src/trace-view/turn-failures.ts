import type { ContentObserver, ReducedTrace } from "@codex-ts/rollout-trace";
import type { WireFinding } from "@codex-ts/rollout-trace/wire";
import { clipId, clipPart } from "../render/clip.ts";
import { lines } from "../render/lines.ts";
import { stripToOneLine } from "../render/strip-control.ts";

/** By turn id: why it failed, in the words of its session. */
export type TurnFailures = ReadonlyMap<string, string>;

/** Collects why turns failed while their bundle is reduced. */
export class TurnFailureCollector implements ContentObserver {
  readonly failures: Map<string, string> = new Map();

  turnFailure({ turnId, message }: { turnId: string; message: string }): void {
    this.failures.set(turnId, message);
  }

  request(): void {}
  response(): void {}
  failure(): void {}
}

/** Turns that failed, in the order they began. */
export function failedTurns(
  { codex_turns: turns }: Pick<ReducedTrace, "codex_turns">,
  failures: TurnFailures,
): string[] {
  return Object.values(turns)
    .filter(({ codex_turn_id: id, execution }) => execution.status === "failed" || failures.has(id))
    .toSorted((a, b) => a.execution.started_seq - b.execution.started_seq)
    .map(({ codex_turn_id: id }) => id);
}

/**
 * A line or two on every failed turn that no failed request explains: a limit of the client, a tool, a problem before
 * anything was sent.
 */
export function turnFailureTexts(
  state: Pick<ReducedTrace, "codex_turns">,
  failures: TurnFailures,
  findings: readonly WireFinding[],
): string[] {
  const explained = new Set(
    findings
      .filter(
        ({ severity, request }) =>
          severity === "failed" && request.diagnosis.code !== "stopped_by_client",
      )
      .map(({ request }) => request.turnId),
  );
  return failedTurns(state, failures)
    .filter((id) => !explained.has(id))
    .map((id) => {
      const message = failures.get(id);
      return lines([
        `failed: turn ${clipId(id)}: no request is the cause`,
        `  ${message === undefined ? "The recording does not say why." : clipPart(stripToOneLine(message))}`,
      ]);
    });
}
