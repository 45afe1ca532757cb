/** UUID text of one conversation, lower-case. New ones are version 7. */
export type ThreadId = string & { readonly __brand: "ThreadId" };
/** Thread id of the root thread that this thread and its sub-agents belong to. */
export type SessionId = string & { readonly __brand: "SessionId" };
/** Identity of one turn; `""` in the metadata of a start-up prewarm. */
export type TurnId = string & { readonly __brand: "TurnId" };
/** `<thread id>:<generation>`; the generation starts at 0 and grows by one with each compaction. */
export type WindowId = `${string}:${number}`;
