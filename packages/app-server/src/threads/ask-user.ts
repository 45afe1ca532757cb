import type { AskUser, AskUserContext, UserQuestion, UserReplies } from "@codex-ts/core";
import { z } from "zod";
import { newer } from "../wire/generation.ts";
import type { ClientRequests } from "./client-requests.ts";
import type { OpenThread } from "./open-thread.ts";
import type { ClientSession } from "./session.ts";
import type { Notification } from "./turn-notifications.ts";

const replies = z.object({
  answers: z.record(z.string(), z.object({ answers: z.array(z.string()) })),
});

/** Has the client ask its user what the model of a thread wants to know. */
export function askUser(
  session: ClientSession,
  requests: ClientRequests,
  open: () => OpenThread | undefined,
): AskUser {
  const notify = (notifications: readonly Notification[]): void => {
    for (const notification of notifications) session.notify(notification);
  };
  return async (questions, context) => {
    const thread = open();
    if (thread === undefined) return {};
    const { threadId, notifications } = thread;
    const { callId, signal } = context;
    notify(notifications.callWaits(callId, "waitingOnUserInput"));
    try {
      return await requests.ask({
        threadId,
        method: "item/tool/requestUserInput",
        params: toParams(session, threadId, { questions, context }),
        read: readReplies,
        signal,
      });
    } finally {
      const changed = notifications.callWaitsNoMore(callId);
      // The end of the turn is what tells a client that nobody waits for its user any more.
      if (!signal.aborted) notify(changed);
    }
  };
}

function toParams(
  { generation }: ClientSession,
  threadId: string,
  {
    questions,
    context,
  }: { readonly questions: readonly UserQuestion[]; readonly context: AskUserContext },
): object {
  const { turnId, callId: itemId, isBlocking, autoResolutionMs = null } = context;
  const shown = questions.map((question) => ({ ...question, isOther: true, isSecret: false }));
  const blocking = newer(generation, { isBlocking });
  return { threadId, turnId, itemId, questions: shown, ...blocking, autoResolutionMs };
}

function readReplies(result: unknown): UserReplies {
  const { answers } = replies.parse(result);
  return Object.fromEntries(Object.entries(answers).map(([id, { answers: texts }]) => [id, texts]));
}
