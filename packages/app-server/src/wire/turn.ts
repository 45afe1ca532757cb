import { newer } from "./generation.ts";
import type { Generation } from "./generation.ts";
import type { TurnError } from "./status.ts";

/** How much of a turn a client reads. */
export type ItemsView = "notLoaded" | "summary" | "full";

export type TurnStatus = "inProgress" | "completed" | "interrupted" | "failed";

/** A turn as clients read it. Times in Unix seconds. */
export interface TurnFacts {
  readonly id: string;
  readonly rootTurnId?: string | undefined;
  readonly status: TurnStatus;
  readonly error?: TurnError | undefined;
  readonly startedAt?: number | null | undefined;
  readonly completedAt?: number | null | undefined;
  readonly durationMs?: number | null | undefined;
  /** Default: none, and they are not all. */
  readonly items?: readonly object[] | undefined;
  readonly itemsView?: ItemsView | undefined;
}

export function toTurn(generation: Generation, turn: TurnFacts): object {
  return {
    id: turn.id,
    ...newer(generation, { rootTurnId: turn.rootTurnId ?? turn.id }),
    items: turn.items ?? [],
    itemsView: turn.itemsView ?? "notLoaded",
    status: turn.status,
    error: turn.error ?? null,
    startedAt: turn.startedAt ?? null,
    completedAt: turn.completedAt ?? null,
    durationMs: turn.durationMs ?? null,
  };
}
