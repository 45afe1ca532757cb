import { readFileSync } from "node:fs";
import type { JsonObject } from "@codex-ts/protocol";
import { createThread, forkThread, resumeThread } from "@codex-ts/core";
import type { CodexThread, KeptThreadOptions, TurnEvent, TurnMark } from "@codex-ts/core";
import type { ReceivedRequest, ResponsesServer, Script } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { INSTALLATION_ID, collect, testModel, testProvider } from "./harness.ts";
import { startResponsesServer } from "./server.ts";

/** A home of Codex and a server for the threads that are kept in it. Disposing closes and removes all of it. */
export interface SessionScene extends AsyncDisposable {
  readonly server: ResponsesServer;
  readonly codexHome: string;
  readonly options: KeptThreadOptions;
  create(changes?: Partial<KeptThreadOptions>): Promise<CodexThread>;
  resume(threadId: string, changes?: Partial<KeptThreadOptions>): Promise<CodexThread>;
  fork(
    threadId: string,
    changes?: Partial<KeptThreadOptions>,
    end?: TurnMark,
  ): Promise<CodexThread>;
  /** Runs one turn in a thread and closes it. */
  once(thread: CodexThread, prompt: string): Promise<TurnEvent[]>;
}

export async function startSessionScene(
  script: Script,
  changes: Partial<KeptThreadOptions> = {},
): Promise<SessionScene> {
  const directory = await temporaryDirectory();
  const server = await startResponsesServer({ script });
  const threads: CodexThread[] = [];
  const options: KeptThreadOptions = {
    provider: testProvider(server.url),
    model: testModel(),
    cwd: directory.path,
    codexHome: directory.path,
    installationId: INSTALLATION_ID,
    sandboxMode: "danger-full-access",
    env: { PATH: process.env["PATH"], HOME: directory.path },
    includePermissionsInstructions: false,
    ...changes,
  };
  const kept = async (thread: Promise<CodexThread>): Promise<CodexThread> => {
    threads.push(await thread);
    return thread;
  };
  return {
    server,
    codexHome: directory.path,
    options,
    create: (more) => kept(createThread({ ...options, ...more })),
    resume: (threadId, more) => kept(resumeThread(threadId, { ...options, ...more })),
    fork: (threadId, more, end) => kept(forkThread(threadId, { ...options, ...more }, end)),
    async once(thread, prompt) {
      const events = await collect(thread.runTurn(prompt));
      await thread.close();
      return events;
    },
    async [Symbol.asyncDispose]() {
      for (const thread of threads) await thread.close();
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The file of a thread; throws where there is none. */
export function fileOf(thread: CodexThread): string {
  if (thread.sessionPath === undefined) throw new Error("the thread is not kept");
  return thread.sessionPath;
}

/** The lines of a session file. Throws for one that is no JSON. */
export function linesOf(path: string): JsonObject[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JsonObject);
}

/** `response_item`, `event_msg:task_started`, …: what the lines are. */
export function kindsOf(lines: readonly JsonObject[]): string[] {
  return lines.map(({ type, payload }) =>
    type === "event_msg" ? `event_msg:${(payload as { type: string }).type}` : (type as string),
  );
}

/** What a request shows: role or type of each item, and its text. */
export function inputOf(request: ReceivedRequest | undefined): string[] {
  const { input = [] } = (request?.body ?? {}) as { input?: readonly InputItem[] };
  return input.map(({ type, role, content, call_id: callId }) =>
    role === undefined
      ? `${type} ${callId ?? ""}`.trim()
      : `${role}: ${(content ?? []).map(({ text }) => text ?? "<image>").join("|")}`,
  );
}

interface InputItem {
  readonly type: string;
  readonly role?: string;
  readonly call_id?: string;
  readonly content?: readonly { readonly text?: string }[];
}

/** The blob of a request. */
export function blobOf(request: ReceivedRequest | undefined): JsonObject {
  const { client_metadata: flat = {} } = (request?.body ?? {}) as {
    client_metadata?: Record<string, string>;
  };
  return JSON.parse(flat["x-codex-turn-metadata"] ?? "{}") as JsonObject;
}
