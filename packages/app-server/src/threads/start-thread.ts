import { createThread, forkThread, resumeThread } from "@codex-ts/core";
import type {
  AgentIdentity,
  CodexThread,
  KeptThreadOptions,
  ThreadEvent,
  TurnMark,
} from "@codex-ts/core";
import type { AppServerHost, ThreadRequest } from "../app-server-options.ts";
import { invalidRequest, toRefusal } from "../connection/rpc-error.ts";
import type { ThreadSettingsFacts } from "../wire/settings.ts";
import { toKeptTool } from "../params/client-tool-params.ts";
import { AgentNotifications } from "./agent-notifications.ts";
import { askUser } from "./ask-user.ts";
import { askForApproval } from "./approval-requests.ts";
import { ClientRequests } from "./client-requests.ts";
import { clientTools } from "./client-tools.ts";
import { askForServer } from "./elicitation.ts";
import { OpenThread } from "./open-thread.ts";
import type { WantedThread } from "./open-thread.ts";
import type { ClientSession } from "./session.ts";

/** The history a thread begins with. */
export type Beginning =
  | { readonly type: "start" }
  | { readonly type: "resume"; readonly threadId: string }
  | {
      readonly type: "fork";
      readonly threadId: string;
      /** It ends before a turn. Default: with the last. */
      readonly end?: TurnMark | undefined;
    }
  /** A fork of a thread that has had no turn. */
  | { readonly type: "fork_fresh"; readonly threadId: string };

/** Facts of a thread that its session file has, and its options have not. */
export interface KnownFacts {
  readonly createdAtMs?: number | undefined;
  readonly updatedAtMs?: number | undefined;
  readonly forkedFromId?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly preview?: string | undefined;
}

/** Makes a thread and notifies the client of its events. Rejects with `RpcError`. */
export async function openThread(
  session: ClientSession,
  request: WantedThread,
  beginning: Beginning,
  known: KnownFacts = {},
): Promise<OpenThread> {
  const { client, options: server, generation } = session;
  const { dynamicTools = [], ...wanted } = request;
  let open: OpenThread | undefined;
  const threadId = (): string => open?.threadId ?? "";
  const tools = clientTools(session, dynamicTools, threadId);
  const configured = await optionsOf(server.host, { ...wanted, client });
  // Servers start with the thread, before the client has read its id.
  let early: ThreadEvent[] | undefined = [];
  const onEvent = (event: ThreadEvent): void => {
    if (event.type === "mcp_startup_update" && early !== undefined) {
      early.push(event);
      return;
    }
    if (open === undefined) return;
    open.note(event, session.now());
    if (open.isSubscribed) {
      for (const notification of open.notifications.of(event)) session.notify(notification);
    }
    requests.note(open.threadId, event);
  };
  const all = new AgentNotifications({
    generation,
    now: () => session.now(),
    left: session.connection.closed,
    notify: (notification) => {
      if (open?.isSubscribed === true) session.notify(notification);
    },
  });
  const requests = new ClientRequests(session, (id) => all.of(id));
  const onAgent = (agent: AgentIdentity): ((event: ThreadEvent) => void) => {
    const show = all.listen(agent);
    return (event) => {
      show(event);
      requests.note(agent.threadId, event);
    };
  };
  const { subagents } = configured;
  const options: KeptThreadOptions = {
    ...configured,
    compatibility: configured.compatibility ?? generation,
    // Without servers nobody asks.
    ...(configured.mcpServers !== undefined && {
      onMcpElicitation: askForServer(session, requests),
    }),
    askUser: askUser(session, requests, threadId),
    ...(tools.length > 0 && {
      tools: [...(configured.tools ?? []), ...tools],
      recordedTools: dynamicTools.map(toKeptTool),
    }),
    ...(subagents && { subagents: { ...subagents, onThread: onAgent } }),
    onApproval: askForApproval(session, requests),
    onEvent,
  };
  const thread = await begin(beginning, options);
  const nowMs = session.now();
  open = new OpenThread({
    thread,
    options,
    request,
    settings: settingsOf(options),
    createdAtMs: known.createdAtMs ?? nowMs,
    updatedAtMs: known.updatedAtMs ?? nowMs,
    forkedFromId: known.forkedFromId ?? null,
    name: known.name ?? null,
    preview: known.preview ?? "",
    notifications: all.root(thread.threadId),
    connection: session.connection,
    announce: () => {
      const held = early ?? [];
      early = undefined;
      held.forEach(onEvent);
    },
  });
  if (session.connection.closed.aborted) {
    // The client left meanwhile.
    await thread.close();
    throw invalidRequest("the client is gone");
  }
  session.add(open);
  return open;
}

/** Rejects with `RpcError` for a configuration that the host cannot use: it is the client's to mend. */
async function optionsOf(host: AppServerHost, request: ThreadRequest): Promise<KeptThreadOptions> {
  try {
    return await host.threadOptions(request);
  } catch (error) {
    throw invalidRequest(error instanceof Error ? error.message : String(error));
  }
}

async function begin(beginning: Beginning, options: KeptThreadOptions): Promise<CodexThread> {
  try {
    switch (beginning.type) {
      case "start":
        return await createThread(options);
      case "resume":
        return await resumeThread(beginning.threadId, options);
      case "fork":
        return await forkThread(beginning.threadId, options, beginning.end);
      case "fork_fresh":
        return await createThread({ ...options, forkedFromThreadId: beginning.threadId });
      default:
        return beginning satisfies never;
    }
  } catch (error) {
    throw toRefusal(error);
  }
}

function settingsOf(options: KeptThreadOptions): ThreadSettingsFacts {
  return {
    cwd: options.cwd,
    model: typeof options.model === "string" ? options.model : options.model.slug,
    modelProvider: options.provider.id,
    approvalPolicy: options.approvalPolicy ?? "never",
    sandboxMode: options.sandboxMode ?? "read-only",
    serviceTier: options.serviceTier,
    reasoningEffort: options.reasoningEffort,
    reasoningSummary: options.reasoningSummary,
  };
}
