import { silenceMs } from "@codex-ts/rollout-trace/wire";
import type { WireAttempt } from "@codex-ts/rollout-trace/wire";

/** In a few words why an attempt failed; `undefined` for one that did not. */
export function attemptReason(attempt: WireAttempt): string | undefined {
  const { ended } = attempt;
  if (ended === undefined) return "never ended";
  if (ended.outcome !== "failed") return undefined;
  const { timeout, close, error } = ended;
  if (timeout === "idle") return `silent ${(silenceMs(attempt) / 1000).toFixed(1)} s`;
  if (timeout !== undefined) return `timeout: ${timeout.replaceAll("_", " ")}`;
  if (close !== undefined) return `closed ${close.code}`;
  const status = error?.status ?? ended.status;
  const code = error?.server_code ?? (status === undefined ? error?.code : undefined);
  const isStatusShown = status !== undefined && status >= 400;
  return [isStatusShown ? status : undefined, code ?? (isStatusShown ? undefined : error?.reason)]
    .filter((part) => part !== undefined)
    .join(" ");
}
