import type { SessionSummary } from "@codex-ts/core";
import { toWireSessionSource } from "@codex-ts/protocol";
import { newer } from "../wire/generation.ts";
import { toSandboxPolicy } from "../wire/settings.ts";
import { toThread } from "../wire/thread.ts";
import type { OpenThread } from "./open-thread.ts";
import type { ClientSession } from "./session.ts";

/** A thread that runs, as clients read it. */
export function showThread(
  session: ClientSession,
  open: OpenThread,
  turns: readonly object[] = [],
): object {
  const { thread, options, settings } = open;
  return toThread(session.generation, {
    id: thread.threadId,
    sessionId: options.sessionId ?? thread.threadId,
    forkedFromId: open.forkedFromId,
    preview: open.preview,
    ephemeral: !open.isPersistent,
    modelProvider: settings.modelProvider,
    model: settings.model,
    reasoningEffort: settings.reasoningEffort ?? null,
    createdAtMs: open.createdAtMs,
    updatedAtMs: open.updatedAtMs,
    status: statusOf(open),
    path: thread.sessionPath ?? null,
    cwd: settings.cwd,
    cliVersion: session.version,
    originator: options.originator ?? session.client.name,
    source: toWireSessionSource(options.sessionSource ?? "vscode"),
    threadSource: options.threadSource ?? null,
    name: open.name,
    gitInfo: null,
    isLoaded: true,
    turns,
  });
}

/** A thread that is kept and does not run. */
export function showKept(
  session: ClientSession,
  summary: SessionSummary,
  name: string | null,
  turns: readonly object[] = [],
): object {
  return toThread(session.generation, {
    id: summary.threadId,
    sessionId: summary.threadId,
    forkedFromId: summary.forkedFromThreadId ?? null,
    preview: summary.firstMessage ?? "",
    ephemeral: false,
    modelProvider: summary.modelProvider ?? "",
    model: summary.model ?? null,
    reasoningEffort: null,
    createdAtMs: summary.createdAtMs,
    updatedAtMs: summary.updatedAtMs,
    status: { type: "notLoaded" },
    path: summary.path,
    cwd: summary.cwd,
    cliVersion: summary.clientVersion ?? "",
    originator: summary.originator ?? "",
    source: sourceKind(summary),
    threadSource: summary.threadSource ?? null,
    name,
    gitInfo: null,
    isLoaded: false,
    turns,
  });
}

/** Kind of program that began a thread. */
export function sourceKind({ source = "unknown" }: Pick<SessionSummary, "source">): string {
  return source === "mcp" ? "appServer" : source;
}

function statusOf(open: OpenThread): object {
  if (open.hasFailed) return { type: "systemError" };
  if (open.runningTurnId === undefined) return { type: "idle" };
  return { type: "active", activeFlags: open.notifications.activeFlags };
}

/** The result of starting a thread, or of going on with one. */
export function showOpened(
  session: ClientSession,
  open: OpenThread,
  turns: readonly object[] = [],
): object {
  const { settings } = open;
  return {
    thread: showThread(session, open, turns),
    model: settings.model,
    modelProvider: settings.modelProvider,
    serviceTier: settings.serviceTier ?? null,
    ...newer(session.generation, { disabledPluginIds: [] }),
    cwd: settings.cwd,
    runtimeWorkspaceRoots: [settings.cwd],
    instructionSources: instructionFiles(open),
    approvalPolicy: settings.approvalPolicy,
    approvalsReviewer: "user",
    sandbox: toSandboxPolicy(settings.sandboxMode),
    activePermissionProfile: null,
    reasoningEffort: settings.reasoningEffort ?? null,
    ...newer(session.generation, { multiAgentMode: "explicitRequestOnly" }),
  };
}

/** The files of the user and the project that the model reads of. */
function instructionFiles({ options: { userInstructions } }: OpenThread): readonly string[] {
  return typeof userInstructions === "object" ? (userInstructions.files ?? []) : [];
}

/** The mode of work of a thread. */
export function showMode({ settings }: Pick<OpenThread, "settings">): object {
  const { model, reasoningEffort = null, collaborationMode: mode } = settings;
  return {
    mode: mode?.kind ?? "default",
    settings: {
      model,
      reasoning_effort: reasoningEffort,
      developer_instructions: mode?.instructions ?? null,
    },
  };
}
