// Every line here is public API: adding one needs a changeset. Nothing in it needs Node.
export { diagnose } from "./diagnosis/diagnose.ts";
export { diagnosisIds } from "./diagnosis/diagnosis-ids.ts";
export { namedIds, serverIdOf } from "./diagnosis/id-names.ts";
export { attemptPurpose, firstEventMs } from "./read/attempt-facts.ts";
export { joinWire } from "./read/join-wire.ts";
export { parseWireLog, readWireLog } from "./read/read-wire-log.ts";
export { silenceMs } from "./read/silence.ts";
export { summarizeWire } from "./read/summarize-wire.ts";
export { WIRE_LOG_FILE, WIRE_VERSION } from "./records.ts";
export { WIRE_LOG_SCHEMA } from "./wire-log-schema.ts";

export type { DiagnoseOptions } from "./diagnosis/diagnose.ts";
export type { WireNamedId } from "./diagnosis/id-names.ts";
export type {
  WireAttemptIds,
  WireDiagnosis,
  WireDiagnosisCode,
  WireDiagnosisIds,
} from "./diagnosis/wire-diagnosis.ts";
export type { WireCallFacts, WireJoin, WireRequest } from "./read/join-wire.ts";
export type { WireLog } from "./read/read-wire-log.ts";
export type {
  WireAttemptCounts,
  WireFinding,
  WireLostTime,
  WireSummary,
} from "./read/summarize-wire.ts";
export type { WireAttempt, WireConnection } from "./read/wire-attempts.ts";
export type { WireDiagnostic, WireProblemCode } from "./read/wire-diagnostic.ts";
export type {
  OtherWireRecord,
  WireAttemptEnded,
  WireAttemptResponded,
  WireAttemptStarted,
  WireAuth,
  WireClose,
  WireClosed,
  WireConnectionClosed,
  WireConnectionOpened,
  WireEnvelope,
  WireError,
  WireFrames,
  WireHeader,
  WireOpened,
  WireRecord,
  WireRequestBody,
  WireRequestFacts,
  WireRequestIds,
  WireRetryScheduled,
  WireStall,
  WireTimes,
  WireTransportSwitched,
} from "./records.ts";
export type { Schema as WireLogSchema } from "./wire-log-schema.ts";
