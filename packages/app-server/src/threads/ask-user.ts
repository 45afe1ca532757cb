import type { AskUser, AskUserContext, UserQuestion, UserReplies } from "@codex-ts/core";
import { z } from "zod";
import { newer } from "../wire/generation.ts";
import type { OpenThread } from "./open-thread.ts";
import type { ClientSession } from "./session.ts";
import { activeStatus } from "./show-thread.ts";

const replies = z.object({
  answers: z.record(z.string(), z.object({ answers: z.array(z.string()) })),
});

/** Has the client ask its user what the model of a thread wants to know. */
export function askUser(session: ClientSession, open: () => OpenThread | undefined): AskUser {
  return async (questions, context) => {
    const thread = open();
    return thread === undefined ? {} : ask(session, thread, { questions, context });
  };
}

async function ask(
  session: ClientSession,
  open: OpenThread,
  asked: { readonly questions: readonly UserQuestion[]; readonly context: AskUserContext },
): Promise<UserReplies> {
  const { connection } = session;
  const { threadId } = open;
  const { signal } = asked.context;
  const announce = (): void => {
    const status = activeStatus(open.questions > 0);
    session.notify({ method: "thread/status/changed", params: { threadId, status } });
  };
  open.questions += 1;
  announce();
  const request = connection.ask("item/tool/requestUserInput", toParams(session, open, asked));
  const resolved = (): void => {
    session.notify({
      method: "serverRequest/resolved",
      params: { threadId, requestId: request.id },
    });
  };
  try {
    return readReplies(await untilAborted(request.answer, signal));
  } finally {
    open.questions -= 1;
    // The end of the turn is what tells a client that nobody waits for its user any more.
    if (signal.aborted) open.afterTurn(resolved);
    else {
      resolved();
      announce();
    }
  }
}

function toParams(
  { generation }: ClientSession,
  { threadId }: OpenThread,
  { questions, context }: Parameters<typeof ask>[2],
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

async function untilAborted(answer: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([answer, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
    aborted.promise.catch(() => undefined);
  }
}
