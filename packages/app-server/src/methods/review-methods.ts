import { describeReviewTarget } from "@codex-ts/core";
import type { ReviewTarget } from "@codex-ts/core";
import { invalidRequest, noRollout, toRefusal } from "../connection/rpc-error.ts";
import type { MethodParams } from "../params/method-params.ts";
import type { OpenThread } from "../threads/open-thread.ts";
import type { ClientSession } from "../threads/session.ts";
import { showThread } from "../threads/show-thread.ts";
import { openThread } from "../threads/start-thread.ts";
import { newer } from "../wire/generation.ts";
import { toTurn } from "../wire/turn.ts";
import { contentOf } from "./history-methods.ts";
import type { Call, Methods } from "./method.ts";

/** The method that has changes reviewed. */
export function reviewMethods(session: ClientSession): Methods {
  return { "review/start": (params, call) => startReview(session, params, call) };
}

async function startReview(
  session: ClientSession,
  params: MethodParams["review/start"],
  call: Call,
): Promise<undefined> {
  const { threadId, delivery = "inline", target } = params;
  const open = session.get(threadId);
  const hint = hintOf(target);
  const reviewing = delivery === "inline" ? open : await fork(session, open);
  // A review takes the place of what runs.
  await reviewing.thread.interrupt({ reason: "replaced" });
  const turn = reviewing.thread.review(target, reviewing.change({}, {}));
  call.reply(toResponse(session, { threadId: reviewing.threadId, turnId: turn.turnId, hint }));
  reviewing.follow(turn);
  return undefined;
}

/** Throws `RpcError` for a target that names nothing. */
function hintOf(target: ReviewTarget): string {
  try {
    return describeReviewTarget(target);
  } catch (error) {
    throw toRefusal(error);
  }
}

/** 0.140 reviews also in a thread of its own, which knows the conversation so far. */
async function fork(session: ClientSession, open: OpenThread): Promise<OpenThread> {
  if (session.generation === "0.171") {
    throw invalidRequest("Invalid request: unknown variant `detached`, expected `inline`");
  }
  const { threadId, settings, preview } = open;
  if ((await contentOf(session, threadId, open)) === undefined) {
    throw noRollout(threadId);
  }
  const request = { ...open.request, cwd: settings.cwd };
  const known = { preview, forkedFromId: threadId };
  const forked = await openThread(session, request, { type: "fork", threadId }, known);
  forked.announce();
  session.notify({ method: "thread/started", params: { thread: showThread(session, forked) } });
  return forked;
}

function toResponse(
  { generation }: ClientSession,
  {
    threadId,
    turnId: id,
    hint,
  }: { readonly threadId: string; readonly turnId: string; readonly hint: string },
): object {
  const content = [{ type: "text", text: hint, text_elements: [] }];
  const times = newer(generation, { startedAtMs: null, completedAtMs: null });
  const items = [{ type: "userMessage", id, clientId: null, content, ...times }];
  const root = newer(generation, { rootTurnId: null });
  const turn = { ...toTurn(generation, { id, status: "inProgress", items }), ...root };
  return { turn, reviewThreadId: threadId };
}
