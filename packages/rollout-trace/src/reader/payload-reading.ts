import type { PayloadReference } from "../format/payload.ts";

/** The outcome of reading a payload: its bytes (only good until the next event), or why there are none. */
export type PayloadReading =
  | ReadPayload
  | { readonly failure: "missing" | "outside"; readonly cause?: unknown }
  /** Its reference contradicts itself. */
  | { readonly failure: "refused"; readonly why: string }
  /** It was cut or left out because of the recording's limits, which is no fault. */
  | { readonly isLost: true };

interface ReadPayload {
  readonly bytes: Uint8Array;
  /** Of a payload with parts: its own record, and how many parts go into it. `bytes` is its whole text, if that was asked for. */
  readonly fragments?: { readonly text: Uint8Array; readonly parts: number };
  /** Its parts do not go together. */
  readonly isUnreadable?: boolean;
  /** Ids of the parts in it that were not kept. */
  readonly lost?: ReadonlySet<string>;
}

/** A part that was read for the first time. */
export interface PayloadPart {
  readonly reference: PayloadReference;
  readonly reading: PayloadReading;
}
