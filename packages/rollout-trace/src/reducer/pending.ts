import type { InteractionAnchor, InteractionKind } from "../model/runtime.ts";
import type { CellLifeEvent, Stamp } from "./code-cell/cell-life.ts";

/** A cell that started before the response with its source was seen. */
export interface QueuedCell {
  readonly cellId: string;
  readonly callId: string;
  readonly runtimeCellId: string;
  readonly sourceJs: string;
  readonly threadId: string;
  readonly turnId: string | null;
  readonly started: Stamp;
  readonly lifeEvents: CellLifeEvent[];
  /** Schema 3: tools whose calls wait for it. */
  readonly waitToolIds: string[];
}

/** An edge that waits for the item that shows its message to the receiver. */
export interface QueuedEdge {
  readonly edgeId: string;
  readonly kind: InteractionKind;
  readonly source: InteractionAnchor;
  readonly targetThreadId: string;
  readonly content: string;
  /** The thread the edge ends at when no item ever shows the message. */
  readonly fallbackThreadId: string | null;
  startedAtUnixMs: number;
  endedAtUnixMs: number | null;
  readonly payloadIds: string[];
}
