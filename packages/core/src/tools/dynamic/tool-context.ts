/** Facts about the call that a tool runs for. */
export interface ToolContext {
  /** The call id by which the trace knows the call: the model's, unless the model has used it twice. */
  readonly callId: string;
  /** UUIDv7 of the turn. */
  readonly turnId: string;
  /** Working directory of the thread, absolute. */
  readonly cwd: string;
  /** Aborted when the turn is. The call ends 100 ms later, whether the tool has ended or not. */
  readonly signal: AbortSignal;
}
