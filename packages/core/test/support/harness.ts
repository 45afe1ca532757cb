import {
  createModelProvider,
  createOssProviderWithBaseUrl,
  fallbackModelInfo,
} from "@codex-ts/model-provider";
import type { ModelProvider, ModelProviderInfo } from "@codex-ts/model-provider";
import type { ModelInfo } from "@codex-ts/protocol";
import { createThread } from "@codex-ts/core";
import type { CodexThread, ThreadOptions, TurnEvent, TurnInput, TurnOptions } from "@codex-ts/core";
import type { TraceSchemaVersion } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import type { ResponsesServer, ResponsesServerOptions, Script } from "@codex-ts/responses-server";
import { startResponsesServer } from "./server.ts";

export const INSTALLATION_ID = "11111111-1111-4111-8111-111111111111";

/** The model of the recorded runs. */
export function testModel(changes: Partial<ModelInfo> = {}): ModelInfo {
  return {
    ...fallbackModelInfo("gpt-mock"),
    default_reasoning_level: "medium",
    base_instructions: "Follow the script.",
    supports_reasoning_summaries: true,
    supports_parallel_tool_calls: true,
    ...changes,
  };
}

export function testProvider(
  baseUrl: string,
  changes: Partial<ModelProviderInfo> = {},
): ModelProvider {
  return createModelProvider({
    id: "mock",
    info: {
      ...createOssProviderWithBaseUrl(baseUrl),
      name: "mock",
      envKey: "MOCK_KEY",
      requestMaxRetries: 1,
      streamMaxRetries: 2,
      ...changes,
    },
    env: { MOCK_KEY: "sk-mock-key" },
    clientVersion: "0.0.0",
  });
}

/** A scripted server, a temporary directory and a thread between them. Disposing closes all three. */
export interface Scene extends AsyncDisposable {
  readonly server: ResponsesServer;
  readonly thread: CodexThread;
  /** Working directory and parent of the trace root. */
  readonly folder: string;
  /** Delays the thread asked for between retries, in milliseconds. */
  readonly sleepsMs: number[];
  /** Runs a turn to its end. */
  turn(input: string | readonly TurnInput[], options?: TurnOptions): Promise<TurnEvent[]>;
}

export type SceneOptions = Partial<ThreadOptions> & {
  readonly providerInfo?: Partial<ModelProviderInfo>;
  readonly server?: Omit<ResponsesServerOptions, "script">;
};

export async function startScene(
  script: Script,
  options: SceneOptions = {},
  schemaVersion: TraceSchemaVersion = 2,
): Promise<Scene> {
  const { providerInfo, server: serverOptions, ...threadOptions } = options;
  const directory = await temporaryDirectory();
  const server = await startResponsesServer({ ...serverOptions, script });
  const sleepsMs: number[] = [];
  const thread = await createThread({
    provider: testProvider(server.url, providerInfo),
    model: testModel(),
    cwd: directory.path,
    // Most tests say what they expect in the requests of 0.140; what differs in 0.171 has tests of its own.
    compatibility: "0.140",
    errorPolicy: "0.169",
    installationId: INSTALLATION_ID,
    sandboxMode: "danger-full-access",
    // Login shells read the profile of whoever owns this directory: nobody.
    env: { PATH: process.env["PATH"], HOME: directory.path },
    trace: { root: `${directory.path}/traces`, schemaVersion },
    includePermissionsInstructions: false,
    // Programs start slowly on a busy machine.
    mcpStartupWaitMs: 60_000,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      sleepsMs.push(ms);
    },
    ...threadOptions,
  });
  return {
    server,
    thread,
    folder: directory.path,
    sleepsMs,
    async turn(input, turnOptions) {
      return await collect(thread.runTurn(input, turnOptions));
    },
    async [Symbol.asyncDispose]() {
      await thread.close();
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const event of events) list.push(event);
  return list;
}

/** The events of one type, typed. */
export function ofType<Type extends TurnEvent["type"]>(
  events: readonly TurnEvent[],
  type: Type,
): Extract<TurnEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<TurnEvent, { type: Type }> => event.type === type);
}
