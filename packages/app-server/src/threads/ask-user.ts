import type { AskUser, AskUserContext, UserQuestion, UserReplies } from "@codex-ts/core";
import { z } from "zod";
import { newer } from "../wire/generation.ts";
import type { ClientRequests } from "./client-requests.ts";
import type { ClientSession } from "./session.ts";

const replies = z.object({
  answers: z.record(z.string(), z.object({ answers: z.array(z.string()) })),
});

/** Has the client ask its user what the model of a thread wants to know. */
export function askUser(
  session: ClientSession,
  requests: ClientRequests,
  threadId: () => string,
): AskUser {
  return (questions, context) =>
    requests.ask({
      threadId: threadId(),
      turnId: context.turnId,
      flag: "waitingOnUserInput",
      method: "item/tool/requestUserInput",
      params: toParams(session, threadId(), { questions, context }),
      read: readReplies,
      signal: context.signal,
    });
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
