/**
 * Which observed client's reactions to failures to follow. `0.169` knows more final codes, delivers final errors at
 * once, and honours `Retry-After`; `0.140` is the June-2026 behaviour.
 */
export type ErrorPolicy = "0.169" | "0.140";
