/** A question of the model, with replies to choose from; the user may also say something else. */
export interface UserQuestion {
  /** Name by which the reply is returned. */
  readonly id: string;
  /** A few words. */
  readonly header: string;
  readonly question: string;
  /** At least one. */
  readonly options: readonly { readonly label: string; readonly description: string }[];
}

/** Replies by the id of their question, several for one that has more parts; a question may have none. */
export type UserReplies = Readonly<Record<string, readonly string[]>>;

/** The call that asks. */
export interface AskUserContext {
  readonly turnId: string;
  /** The model's id of the call. */
  readonly callId: string;
  /** Whether the model plans, and can do nothing without the replies. */
  readonly isBlocking: boolean;
  /** After this time in milliseconds the model may go on without replies; `undefined`: it waits. */
  readonly autoResolutionMs: number | undefined;
  /** Aborted when the turn is: nobody waits for the replies any more. */
  readonly signal: AbortSignal;
}

/** Asks the user. What it rejects with counts as no replies. */
export type AskUser = (
  questions: readonly UserQuestion[],
  context: AskUserContext,
) => Promise<UserReplies>;
