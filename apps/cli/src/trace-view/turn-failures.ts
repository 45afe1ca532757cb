import type { ContentObserver, ReducedTrace } from "@codex-ts/rollout-trace";
import type { WireFinding } from "@codex-ts/rollout-trace/wire";
import { clipId, clipPart } from "../render/clip.ts";
import { lines } from "../render/lines.ts";
import { inOrderOfStart } from "./in-order-of-start.ts";
import { repeatedCall } from "./repeated-calls.ts";
import { turnAdvice } from "./turn-advice.ts";

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
  return inOrderOfStart(Object.values(turns))
    .filter((turn) => isFailed(turn, failures))
    .map(({ codex_turn_id: id }) => id);
}

function isFailed({ codex_turn_id: id, execution }: CodexTurn, failures: TurnFailures): boolean {
  return execution.status === "failed" || failures.has(id);
}

type CodexTurn = ReducedTrace["codex_turns"][string];

/**
 * Blocks on the turns that failed, or were cancelled, with no failed request that explains it: a limit of the client, a
 * tool, a problem before anything was sent, or their user.
 */
export function turnTexts(
  state: ReducedTrace,
  failures: TurnFailures,
  findings: readonly WireFinding[],
): string[] {
  const turnsOf = (isCause: (finding: WireFinding) => boolean): ReadonlySet<string | undefined> =>
    new Set(findings.filter(isCause).map(({ request }) => request.turnId));
  const ofFailed = turnsOf(({ severity }) => severity === "failed");
  const ofCancelled = turnsOf(({ request }) => request.diagnosis.code === "cancelled");
  const ofUnfinished = turnsOf(({ request }) => request.diagnosis.code === "process_died");
  return inOrderOfStart(Object.values(state.codex_turns)).flatMap((turn) => {
    const { codex_turn_id: id, execution } = turn;
    if (ofFailed.has(id)) return [];
    if (isFailed(turn, failures)) return [failedTurnText(state, id, failures.get(id))];
    if (execution.status === "running" && !ofUnfinished.has(id)) return [unfinishedTurnText(id)];
    const isCancelled = execution.status === "cancelled" && !ofCancelled.has(id);
    return isCancelled ? [cancelledTurnText(id)] : [];
  });
}

function failedTurnText(state: ReducedTrace, id: string, message: string | undefined): string {
  const repeated = repeatedCall(state, id);
  const advice = [
    repeated && "change the prompt: the model repeats itself, so another try may end the same way",
    message === undefined ? undefined : turnAdvice(message),
  ].filter((each) => each !== undefined);
  return lines([
    `failed: turn ${clipId(id)}: no request is the cause`,
    `  ${message === undefined ? "The recording does not say why." : clipPart(message)}`,
    ...(repeated === undefined
      ? []
      : [
          `  The model made the same call ${repeated.times} times: ${clipId(repeated.tool)} ${clipId(repeated.input)}`,
        ]),
    `  advice: ${advice.join("; ") || "no request failed: see what is said of the turn, and the end of its transcript (trace show)"}`,
    `  send: nothing, no server is the cause; if you are asked: thread ${clipId(state.codex_turns[id]?.thread_id ?? "-")}, turn ${clipId(id)}`,
  ]);
}

/** A process that ends while a command runs leaves no request behind. */
function unfinishedTurnText(id: string): string {
  return lines([
    `unfinished: turn ${clipId(id)}: no request is the cause`,
    "  The recording ends in the middle of the turn, while no request was under way: the process ended, as in a command it ran, or goes on.",
    "  advice: if the run still goes on, ask again when it has ended; else find out what ended the process (lack of memory, a signal), and run it again",
    "  send: nothing",
  ]);
}

function cancelledTurnText(id: string): string {
  return lines([
    `cancelled: turn ${clipId(id)}: no request is the cause`,
    "  The user or the calling program stopped the turn.",
    "  advice: nothing failed; run it again",
    "  send: nothing",
  ]);
}
