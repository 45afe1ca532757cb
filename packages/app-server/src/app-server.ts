import type { Readable, Writable } from "node:stream";
import type { AppServerOptions } from "./app-server-options.ts";
import { Connection } from "./connection/connection.ts";
import type { IncomingRequest } from "./connection/connection.ts";
import { invalidRequest, unknownMethod } from "./connection/rpc-error.ts";
import { describeSystem } from "./describe-system.ts";
import type { Call, Methods } from "./methods/method.ts";
import { historyMethods } from "./methods/history-methods.ts";
import { hostMethods } from "./methods/host-methods.ts";
import { modelMethods } from "./methods/model-methods.ts";
import { reviewMethods } from "./methods/review-methods.ts";
import { threadMethods } from "./methods/thread-methods.ts";
import { turnMethods } from "./methods/turn-methods.ts";
import { requireStable } from "./params/experimental.ts";
import { isMethodName, readParams } from "./params/read-params.ts";
import type { MethodName, MethodParams } from "./params/method-params.ts";
import { CODEX_VERSIONS } from "./wire/generation.ts";
import { ClientSession } from "./threads/session.ts";

/** The two directions of one client: a `Readable` and a `Writable` of Node, named so that types need none of Node's. */
export interface ClientStreams {
  readonly input: { readonly readable: boolean; pause(): unknown; resume(): unknown };
  readonly output: { readonly writable: boolean; end(): unknown };
}

/** Serves clients that speak Codex's app-server protocol. */
export interface AppServer {
  /**
   * Serves one client, over any pair of streams with one JSON message a line, until it is gone: its input ended, nobody
   * reads its output, or `signal` is aborted. Then its turns are aborted, their commands are killed and their session
   * files closed; resolves after that.
   */
  serve(streams: ClientStreams, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** Makes a server. It has no state of its own: every client has its threads, kept in one home. */
export function createAppServer(options: AppServerOptions): AppServer {
  return {
    async serve(streams, { signal } = {}) {
      const connection = new Connection({
        input: streams.input as Readable,
        output: streams.output as Writable,
      });
      const stop = (): void => connection.close();
      signal?.addEventListener("abort", stop, { once: true });
      if (signal?.aborted === true) stop();
      const client = new Client(options, connection);
      try {
        await connection.serve({
          request: (request) => client.request(request),
          notification: (method) => client.notification(method),
        });
      } finally {
        signal?.removeEventListener("abort", stop);
        await client.close();
      }
    },
  };
}

/** Values a header may have: the client's name is one. */
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u{10ffff}]*$/u;

/** One client, from its first message. */
class Client {
  readonly #options: AppServerOptions;
  readonly #connection: Connection;
  #session: ClientSession | undefined;
  #methods: Methods = {};
  /** Requests under way, by their thread: those of one thread run one after the other. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: AppServerOptions, connection: Connection) {
    this.#options = options;
    this.#connection = connection;
  }

  request({
    method,
    params,
    reply,
  }: IncomingRequest): Promise<object | undefined> | object | undefined {
    if (!isMethodName(method)) {
      if (this.#session === undefined) throw invalidRequest("Not initialized");
      throw unknownMethod(method);
    }
    if (method === "initialize") return this.#initialize(readParams(method, params));
    if (this.#session === undefined) throw invalidRequest("Not initialized");
    const read = readParams(method, params);
    if (!this.#session.isExperimental) requireStable(this.#session.generation, method, params);
    const call = { reply: (result: object) => reply(result) };
    const threadId = "threadId" in read ? read.threadId : undefined;
    return threadId === undefined
      ? this.#run(method, read, call)
      : this.#inTurn(threadId.toLowerCase(), () => this.#run(method, read, call));
  }

  notification(method: string): void {
    if (method !== "initialized" || this.#session === undefined) return;
    this.#session.notify({
      method: "remoteControl/status/changed",
      params: {
        status: "disabled",
        serverName: describeSystem().hostName,
        installationId: this.#options.installationId,
        environmentId: null,
      },
    });
  }

  async close(): Promise<void> {
    await this.#session?.close();
    // What was under way when the client left may have opened a thread.
    await Promise.allSettled(this.#underWay.values());
    await this.#session?.close();
  }

  #initialize({ clientInfo, capabilities }: MethodParams["initialize"]): object {
    if (this.#session !== undefined) throw invalidRequest("Already initialized");
    if (!HEADER_VALUE.test(clientInfo.name)) {
      throw invalidRequest(
        `Invalid clientInfo.name: '${clientInfo.name.slice(0, 200)}'. Must be a valid HTTP header value.`,
      );
    }
    const session = new ClientSession({
      options: this.#options,
      connection: this.#connection,
      client: clientInfo,
      unwanted: capabilities?.optOutNotificationMethods ?? [],
      isExperimental: capabilities?.experimentalApi === true,
    });
    this.#session = session;
    this.#methods = {
      ...threadMethods(session),
      ...turnMethods(session),
      ...reviewMethods(session),
      ...historyMethods(session),
      ...modelMethods(session),
      ...hostMethods(session),
    };
    const { platformFamily, platformOs } = describeSystem();
    const codexVersion = CODEX_VERSIONS[session.generation];
    return {
      userAgent:
        this.#options.userAgent?.(clientInfo, codexVersion) ?? `${clientInfo.name}/${codexVersion}`,
      codexHome: this.#options.codexHome,
      platformFamily,
      platformOs,
    };
  }

  #run<Name extends MethodName>(
    name: Name,
    params: MethodParams[Name],
    call: Call,
  ): Promise<object | undefined> | object | undefined {
    const method = this.#methods[name] as
      | ((params: unknown, call: Call) => Promise<object | undefined> | object | undefined)
      | undefined;
    if (method === undefined) throw unknownMethod(name);
    return method(params, call);
  }

  async #forget(threadId: string, settled: Promise<unknown>): Promise<void> {
    await settled;
    if (this.#underWay.get(threadId) === settled) this.#underWay.delete(threadId);
  }

  #inTurn(
    threadId: string,
    run: () => Promise<object | undefined> | object | undefined,
  ): Promise<object | undefined> | object | undefined {
    const before = this.#underWay.get(threadId);
    const outcome = before === undefined ? run() : before.then(run, run);
    if (!(outcome instanceof Promise)) return outcome;
    const settled = outcome.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay.set(threadId, settled);
    void this.#forget(threadId, settled);
    return outcome;
  }
}
