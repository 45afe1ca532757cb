/** Problems of a wire log. */
export type WireProblemCode =
  /** The last line is not whole: the process was killed, or goes on. */
  | "torn_line"
  /** A line is no JSON object, or no record of its type. */
  | "unreadable_record"
  /** The log was written by a later version. */
  | "newer_version"
  /** `seq` has a gap or goes back. */
  | "sequence"
  /** A record about an attempt that did not start. */
  | "unknown_attempt"
  /** The log has no first record. */
  | "not_opened"
  /** The log is too long, or has too long a line: the rest is not read. */
  | "too_large"
  /** It ends before requests that the trace has to their end: it could not be written any more. */
  | "lost_end"
  /** The file could not be read. */
  | "unreadable"
  /** Times of an attempt do not fit those of its call. */
  | "outside_call";

/** One thing that was passed over. */
export interface WireDiagnostic {
  readonly code: WireProblemCode;
  /** From 1; absent for what concerns the whole log. */
  readonly line?: number;
  /** One line, without content of the log. */
  readonly message: string;
}
