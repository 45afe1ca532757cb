import type { PayloadReference } from "../format/payload.ts";

/** The outcome of reading a payload: its bytes (only good until the next event), or why there are none. */
export type PayloadReading =
  | ReadPayload
  | { readonly failure: "missing" | "outside"; readonly cause?: unknown }
  /** Its reference contradicts itself. */
  | { readonly failure: "refused"; readonly why: string }
  /** It was cut or left out because of the recording's limits, which is no fault. */
  | { readonly isLost: true };

export interface ReadPayload {
  /** Its whole text; of one with parts only when that was asked for, and else its own record. */
  readonly bytes: Uint8Array;
  /** Of a payload with parts: what its record is. */
  readonly form?: "fragments" | "broken fragments";
  /** Of a payload with parts: whether `bytes` is its whole text. */
  readonly isWhole?: true;
  /** Ids of the parts in it that were not kept. */
  readonly lost?: ReadonlySet<string>;
}

/** Whether there is a whole text. */
export function isReadable({ form, isWhole }: ReadPayload): boolean {
  return form === undefined || isWhole === true;
}

/** A part that was read for the first time. */
export interface PayloadPart {
  readonly reference: PayloadReference;
  readonly reading: PayloadReading;
}
