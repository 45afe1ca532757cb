import { deepStrictEqual } from "node:assert/strict";
import { PassThrough } from "node:stream";
import { createAppServer } from "@codex-ts/app-server";
import type { AppServerHost, AppServerOptions, ThreadRequest } from "@codex-ts/app-server";
import type { KeptThreadOptions } from "@codex-ts/core";
import {
  createModelProvider,
  createOssProviderWithBaseUrl,
  fallbackModelInfo,
} from "@codex-ts/model-provider";
import type { Compatibility, ModelInfo } from "@codex-ts/protocol";
import { startResponsesServer } from "@codex-ts/responses-server";
import type { Exchange, ResponsesServer } from "@codex-ts/responses-server";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { schemaOf } from "./schema.ts";

/** A message of the server. */
export interface ServerMessage {
  readonly method?: string;
  readonly id?: number | string | null;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at members of all kinds
  readonly params?: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly result?: any;
  readonly error?: { readonly code: number; readonly message: string };
}

export interface SceneOptions {
  readonly script?: readonly Exchange[];
  readonly compatibility?: Compatibility;
  readonly host?: Partial<AppServerHost>;
  /** Options of threads besides those of the scene; the directory is its home. */
  readonly threadOptions?: (home: string, request: ThreadRequest) => Partial<KeptThreadOptions>;
  /** Default: one that is offered no patches. */
  readonly model?: ModelInfo;
  /** Answers requests of the server. */
  readonly onRequest?: (message: ServerMessage) => object | undefined;
  /** Default: initialized already. */
  readonly isRaw?: boolean;
}

/** A server in this process, a scripted API, and a client that checks every message against Codex's schema. */
export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const directory = await temporaryDirectory("codex-ts-app-server-");
  const api = await startResponsesServer({ script: options.script ?? [] });
  const scene = new Scene(directory, api, options);
  if (options.isRaw !== true) {
    const clientInfo = { name: "test", title: null, version: "1.0.0" };
    await scene.request("initialize", { clientInfo, capabilities: { experimentalApi: true } });
    scene.send({ method: "initialized" });
  }
  return scene;
}

export class Scene implements AsyncDisposable {
  readonly api: ResponsesServer;
  readonly home: string;
  readonly messages: ServerMessage[] = [];
  readonly input = new PassThrough();
  readonly output = new PassThrough();
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  readonly #asked = new Map<number, string>();
  readonly #options: SceneOptions;
  readonly generation: Compatibility;
  /** What of the messages so far is not as Codex's schema has it. */
  readonly #problems: string[] = [];
  #nextId = 0;
  #text = "";
  #served: Promise<void>;

  constructor(
    directory: Awaited<ReturnType<typeof temporaryDirectory>>,
    api: ResponsesServer,
    options: SceneOptions,
  ) {
    this.#directory = directory;
    this.home = directory.path;
    this.api = api;
    this.#options = options;
    this.generation = options.compatibility ?? "0.171";
    this.output.setEncoding("utf8");
    this.output.on("data", (text: string) => this.#take(text));
    const { input, output } = this;
    this.#served = createAppServer(this.#serverOptions()).serve({ input, output });
  }

  /** Settles when the server has let go of the client. */
  get served(): Promise<void> {
    return this.#served;
  }

  /** A second server over the same home, as another process would be. */
  reconnect(): Promise<Scene> {
    const scene = new Scene(this.#directory, this.api, this.#options);
    const clientInfo = { name: "test", title: null, version: "1.0.0" };
    const capabilities = { experimentalApi: true };
    return scene.request("initialize", { clientInfo, capabilities }).then(() => scene);
  }

  send(message: object): void {
    this.write(`${JSON.stringify(message)}\n`);
  }

  write(text: string | Uint8Array): void {
    this.input.write(text);
  }

  /** Sends a request and waits for its answer. */
  async request(method: string, params: object): Promise<ServerMessage> {
    this.#nextId += 1;
    const id = this.#nextId;
    this.#asked.set(id, method);
    this.send({ id, method, params });
    return this.waitFor((message) => message.method === undefined && message.id === id, method);
  }

  async startThread(params: object = {}): Promise<string> {
    const { result, error } = await this.request("thread/start", params);
    if (error !== undefined) throw new Error(error.message);
    return (result as { thread: { id: string } }).thread.id;
  }

  /** Runs a turn to its end and returns its notifications. */
  async turn(
    threadId: string,
    text: string,
    params: object = {},
  ): Promise<readonly ServerMessage[]> {
    const from = this.messages.length;
    const input = [{ type: "text", text }];
    const { result, error } = await this.request("turn/start", { threadId, input, ...params });
    if (error !== undefined) throw new Error(error.message);
    const turnId = (result as { turn: { id: string } }).turn.id;
    await this.turnEnd(turnId);
    return this.messages.slice(from).filter(({ method }) => method !== undefined);
  }

  /** The history of the last request, as JSON. */
  get lastInput(): string {
    const { body } = this.api.requests.at(-1) ?? {};
    return JSON.stringify((body as { input?: unknown } | undefined)?.input ?? null);
  }

  turnEnd(turnId: string): Promise<ServerMessage> {
    return this.waitFor(
      ({ method, params }) => method === "turn/completed" && params.turn.id === turnId,
      `end of turn ${turnId}`,
    );
  }

  waitFor(condition: (message: ServerMessage) => boolean, what: string): Promise<ServerMessage> {
    return waitFor(() => this.messages.find(condition), { what });
  }

  /** The client leaves; settles when the server has noticed and cleaned up. */
  async leave(): Promise<void> {
    this.input.end();
    await this.#served;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
    deepStrictEqual(this.#problems, []);
    await this.api.close();
    await this.#directory[Symbol.asyncDispose]();
  }

  #take(text: string): void {
    this.#text += text;
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) this.#receive(JSON.parse(line) as ServerMessage);
  }

  #receive(message: ServerMessage): void {
    this.messages.push(message);
    const method = this.#asked.get(message.id as number);
    const asked = message.method === undefined ? method : undefined;
    this.#problems.push(...schemaOf(this.generation).problems(message, asked));
    if (message.method === undefined || message.id === undefined) return;
    const answer = this.#options.onRequest?.(message);
    if (answer !== undefined) this.send({ id: message.id, ...answer });
  }

  #serverOptions(): AppServerOptions {
    const { compatibility, host } = this.#options;
    return {
      codexHome: this.home,
      cwd: this.home,
      installationId: "11111111-1111-4111-8111-111111111111",
      version: "1.2.3",
      ...(compatibility !== undefined && { compatibility }),
      host: { ...this.#host(), ...host },
    };
  }

  #host(): AppServerHost {
    const info = createOssProviderWithBaseUrl(this.api.url);
    const provider = createModelProvider({ id: "local", info, env: {}, clientVersion: "1.0.0" });
    const model = this.#options.model ?? fallbackModelInfo("test-model", {});
    return {
      threadOptions: async (request) => ({
        provider,
        model: request.model ?? model,
        cwd: request.cwd ?? this.home,
        codexHome: this.home,
        installationId: "11111111-1111-4111-8111-111111111111",
        // Login shells read the profile of the user, which may do anything and take any time.
        env: { PATH: process.env["PATH"], HOME: this.home },
        sandboxMode: request.sandboxMode ?? "danger-full-access",
        approvalPolicy: request.approvalPolicy ?? "never",
        sessionSource: "vscode",
        threadSource: null,
        originator: request.client.name,
        ephemeral: request.ephemeral === true,
        // Programs start slowly on a busy machine.
        mcpStartupWaitMs: 60_000,
        ...this.#options.threadOptions?.(this.home, request),
      }),
      model: async (slug) => slug,
      models: async () => [{ ...model, visibility: "list" }],
      config: async () => ({ config: { model: "test-model" }, origins: {} }),
      account: async () => ({ account: null, requiresOpenaiAuth: false }),
      skills: async () => ({ skills: [], warnings: [] }),
    };
  }
}

/** Methods of notifications, with the type of their item. */
export function shape(messages: readonly ServerMessage[]): readonly string[] {
  return messages.map(({ method = "", params }) => {
    const type = params?.item?.type ?? params?.status?.type;
    return type === undefined ? method : `${method} ${type}`;
  });
}
