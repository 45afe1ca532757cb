import type { PayloadKind, PayloadReference } from "../format/payload.ts";

/** A payload that is put together from others. */
export interface AssembledText {
  /** One more than there are parts. */
  readonly fragments: readonly string[];
  readonly parts: readonly PayloadReference[];
}

/**
 * Where a writer puts lines and payloads. What a method cannot express it throws, and nothing of it is written; what the
 * file system refuses it throws as a {@link StorageError}.
 */
export interface TraceStore {
  /** Writes a payload under the next number. */
  payload(kind: PayloadKind, value: unknown): PayloadReference;
  /** Writes a payload of parts; `undefined` where payloads have none. */
  assembled(kind: PayloadKind, text: AssembledText): PayloadReference | undefined;
  line(text: string, isLast: boolean): void;
  /** Resolves when all of it is on its way to the disk, whether it arrived or not. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** A file operation failed; `cause` is its error. */
export class StorageError extends Error {
  override readonly name = "StorageError";

  constructor(cause: unknown) {
    super("a file operation failed", { cause });
  }
}
