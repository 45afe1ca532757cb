import { isAbsolute } from "node:path";
import type { ThreadRequest } from "../app-server-options.ts";
import { invalidRequest } from "../connection/rpc-error.ts";
import type { ThreadOverrides } from "../params/method-params.ts";
import type { ClientSession } from "../threads/session.ts";
import { showOpened, showThread } from "../threads/show-thread.ts";
import { openThread } from "../threads/start-thread.ts";
import type { Methods } from "./method.ts";

/** Methods that begin a thread, and that end one. */
export function threadMethods(session: ClientSession): Methods {
  return {
    "thread/start": async (params, call) => {
      const request = { ...threadRequest(params), ephemeral: params.ephemeral };
      const open = await openThread(session, request, { type: "start" });
      call.reply(showOpened(session, open));
      session.notify({ method: "thread/started", params: { thread: showThread(session, open) } });
      return undefined;
    },
    "thread/loaded/list": () => {
      const data = [...session.threads].map(({ threadId }) => threadId);
      return { data, nextCursor: null };
    },
    "thread/unsubscribe": ({ threadId }) => {
      const open = session.find(threadId);
      if (open === undefined) return { status: "notLoaded" };
      if (!open.isSubscribed) return { status: "notSubscribed" };
      open.isSubscribed = false;
      return { status: "unsubscribed" };
    },
  };
}

/** What the client asks of a thread. Throws `RpcError` for what cannot work anywhere. */
export function threadRequest(params: ThreadOverrides): Omit<ThreadRequest, "client"> {
  const { sandbox: sandboxMode, cwd, ...rest } = params;
  if (cwd !== undefined && !isAbsolute(cwd)) {
    throw invalidRequest(`cwd must be an absolute path: ${cwd}`);
  }
  const { model, modelProvider, approvalPolicy, config } = rest;
  const { baseInstructions, developerInstructions, serviceTier } = rest;
  return {
    cwd,
    sandboxMode,
    model,
    modelProvider,
    approvalPolicy,
    config,
    baseInstructions,
    developerInstructions,
    serviceTier,
  };
}
