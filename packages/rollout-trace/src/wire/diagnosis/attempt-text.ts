import type { WireAttempt } from "../read/wire-attempts.ts";
import type { WireAttemptEnded } from "../records.ts";
import { classify } from "./classify.ts";
import { silenceUs } from "./failure-facts.ts";
import { events, inBrackets, oneClause, seconds } from "./wording.ts";

/** An attempt and how it ended, in a few words: `try over HTTP: 502`, `refused handshake: 403`. */
export function attemptText(attempt: WireAttempt): string {
  return `${nameOf(attempt)}: ${endOf(attempt)}`;
}

const TRANSPORTS = { http: "HTTP", websocket: "WebSocket" } as const;

function nameOf({ started, ended }: WireAttempt): string {
  if (started.endpoint === "handshake")
    return isRefusal(ended) ? "refused handshake" : "WebSocket handshake";
  return `${nounOf(started.request_kind)} over ${TRANSPORTS[started.transport]}`;
}

function nounOf(kind: string): string {
  if (kind === "turn") return "try";
  return kind === "prewarm" ? "warm-up" : oneClause(kind);
}

function isRefusal(ended: WireAttemptEnded | undefined): boolean {
  return ended?.outcome === "failed" && refusalOf(ended) >= 400;
}

function refusalOf({ error, status }: WireAttemptEnded): number {
  return error?.status ?? status ?? 0;
}

function endOf(attempt: WireAttempt): string {
  const { ended } = attempt;
  if (ended === undefined) return "it did not end";
  if (ended.outcome === "completed") return "worked";
  if (ended.outcome === "cancelled")
    return `stopped after ${seconds(ended.t.ended)} (${events(ended.events)})`;
  return ofClose(ended) ?? ofTimeout(ended) ?? ofError(attempt, ended);
}

function ofClose({ close }: WireAttemptEnded): string | undefined {
  if (close === undefined || close.by === "client") return undefined;
  if (!close.clean) return `the connection was lost (${close.code})`;
  const reason = oneClause(close.reason ?? "");
  return `closed ${close.code}${reason === "" ? "" : ` "${reason}"`} by the ${close.by}`;
}

function ofTimeout(ended: WireAttemptEnded): string | undefined {
  const { timeout, t } = ended;
  if (timeout === undefined) return undefined;
  if (timeout === "connect") return `no connection within ${seconds(t.ended)}`;
  if (timeout === "first_event") return `no event within ${seconds(t.ended - (t.sent ?? 0))}`;
  return `silent for ${seconds(silenceUs(ended))} after ${events(ended.events)}`;
}

function ofError(attempt: WireAttempt, ended: WireAttemptEnded): string {
  const { error, t } = ended;
  const serverCode = oneClause(error?.server_code ?? "");
  const refusal = refusalOf(ended);
  if (refusal >= 400) return `${refusal}${serverCode === "" ? "" : ` ${serverCode}`}`;
  const osCode = oneClause(error?.os_code ?? "");
  if (error?.code === "network") {
    return t.connected === null
      ? `no connection${inBrackets(osCode || error.reason)}`
      : `cut before a response came${inBrackets(osCode)}`;
  }
  if (classify(attempt) === "cut_mid_stream")
    return `cut after ${events(ended.events)}${inBrackets(osCode)}`;
  if (error?.reason === "incomplete") return "incomplete response in the stream";
  if (serverCode !== "") return `${serverCode} in the stream`;
  return oneClause(error?.reason ?? error?.code ?? "failed");
}
