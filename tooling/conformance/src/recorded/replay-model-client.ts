import { join } from "node:path";
import { ModelClient } from "@codex-ts/core";
import type { ModelClientSession, RequestIdentity } from "@codex-ts/core";
import { isJsonObject } from "@codex-ts/protocol";
import type { ResponseItem } from "@codex-ts/protocol";
import { ThreadTrace } from "@codex-ts/rollout-trace";
import { startResponsesServer } from "@codex-ts/responses-server";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { toComparable } from "../compare/comparable.ts";
import { type Difference, runDifferences } from "../compare/differences.ts";
import { observeServer } from "../compare/observe-server.ts";
import { replaceIds } from "../compare/replace-ids.ts";
import { type RecordedClient, ownNetwork, recordedClient } from "./recorded-client.ts";
import {
  readItems,
  recordedIdentity,
  recordedInput,
  recordedPrompt,
  recordedSettings,
  windowGeneration,
} from "./recorded-prompt.ts";
import { expectedRun } from "./expected.ts";
import { RECORDED_PLACES } from "./recorded-scenario.ts";
import type { RecordedRequest, RecordedScenario } from "./recorded-scenario.ts";
import { type RecordedInterrupt, interruptGate, recordedScript } from "./recorded-script.ts";
import { readBlob, recordedActions } from "./recorded-turns.ts";

/** Kinds of requests a model client sends by itself or on demand. */
const MODEL_REQUESTS = ["responses", "compact", "prewarm", "other"] as const;

/**
 * Lets model clients of ours send every recorded request anew, prompt by prompt and under the recorded identity, and
 * tells where the requests differ. Unlike a thread this needs no tools: what the model was asked is taken from the
 * recording.
 */
export async function replayModelClient(
  scenario: RecordedScenario,
  options: { readonly folder: string; readonly interrupt?: RecordedInterrupt | undefined },
): Promise<Difference[]> {
  const { folder, interrupt } = options;
  const held = heldRequest(scenario, interrupt);
  const { script, handshakes, basePath } = recordedScript(
    scenario,
    new Map(interrupt && held !== undefined ? [[held, interrupt]] : []),
  );
  await using server = await startResponsesServer({
    script,
    handshakes,
    basePath,
    warmUps: "script",
  });
  await using network = ownNetwork();
  const settings = await recordedClient(scenario, { server, network, folder });
  await using replay = new ModelClientReplay({ scenario, server, settings, folder });
  const requests = scenario.requests.filter(
    ({ kind }) => kind === "responses" || kind === "compact" || kind === "prewarm",
  );
  for (let sent = 0, request = requests[0]; request !== undefined; request = requests[sent]) {
    await replay.send(request, request.n === held ? interrupt : undefined);
    // A client repeats some requests by itself: those are not asked for again.
    const sentNow = server.requests.filter(({ path }) => path !== "/oauth/token").length;
    if (sentNow === sent) throw new Error(`request ${request.n} of the recording was not sent`);
    sent = sentNow;
  }
  const places = { ...RECORDED_PLACES, host: `${server.host}:${server.port}` };
  return runDifferences(
    toComparable(replaceIds(expectedRun(scenario, MODEL_REQUESTS), RECORDED_PLACES)),
    toComparable(replaceIds(observeServer(server), places)),
  );
}

function heldRequest(
  scenario: RecordedScenario,
  interrupt: RecordedInterrupt | undefined,
): number | undefined {
  if (interrupt === undefined) return undefined;
  const turns = recordedActions(scenario).filter(({ type }) => type === "turn");
  return turns[interrupt.turn]?.lastRequest;
}

/** A model client of one thread, and the turn it is in. */
interface ReplayedThread {
  readonly client: ModelClient;
  readonly trace: ThreadTrace;
  turnId: string | undefined;
  session: ModelClientSession;
  /** What the model was asked last, and its answer, when requests carry only what is new. */
  history: ResponseItem[];
}

class ModelClientReplay implements AsyncDisposable {
  readonly #scenario: RecordedScenario;
  readonly #server: ResponsesServer;
  readonly #settings: RecordedClient;
  readonly #folder: string;
  /** By thread and settings. */
  readonly #threads = new Map<string, ReplayedThread>();

  constructor(init: {
    readonly scenario: RecordedScenario;
    readonly server: ResponsesServer;
    readonly settings: RecordedClient;
    readonly folder: string;
  }) {
    this.#scenario = init.scenario;
    this.#server = init.server;
    this.#settings = init.settings;
    this.#folder = init.folder;
  }

  /** Sends one request and reads its answer; a failed answer is none of our business. */
  async send(request: RecordedRequest, interrupt: RecordedInterrupt | undefined): Promise<void> {
    const thread = this.#thread(request);
    const identity = recordedIdentity(request);
    const abort = new AbortController();
    if (interrupt !== undefined)
      void this.#server.waitForGate(interruptGate(interrupt)).then(() => abort.abort());
    this.#enterTurn(thread, identity);
    thread.client.setWindowGeneration(windowGeneration(request));
    try {
      await this.#warmUp(thread, request);
      if (request.kind === "prewarm") return;
      await this.#sendPrompt(thread, { request, identity, signal: abort.signal });
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, session, trace } of this.#threads.values()) {
      session.close();
      await client.close();
      await trace.close();
    }
  }

  async #sendPrompt(
    thread: ReplayedThread,
    parts: {
      readonly request: RecordedRequest;
      readonly identity: RequestIdentity;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    const { request, identity, signal } = parts;
    const metadata = thread.client.metadata(identity);
    const prompt = recordedPrompt(request, this.#input(thread, request));
    const kind = identity.requestKind;
    if (request.kind === "compact") {
      await thread.client.compactConversationHistory({ prompt, metadata, signal });
    } else if (
      kind?.type === "compaction" &&
      kind.details.implementation === "responses_compaction_v2"
    ) {
      const input = prompt.input.filter(({ type }) => type !== "compaction_trigger");
      await thread.session.streamCompaction({
        prompt: { ...prompt, input },
        metadata,
        signal,
      });
    } else {
      const trace = kind?.type === "turn" ? thread.trace.inferenceContext(INFERENCE) : undefined;
      const stream = await thread.session.stream({ prompt, metadata, trace, signal });
      for await (const event of stream) if (event.type === "completed") break;
    }
  }

  /** Sends the warm-up that preceded a request, if one did: it is told by the upgrade. */
  async #warmUp(thread: ReplayedThread, request: RecordedRequest): Promise<void> {
    const place = this.#scenario.requests.indexOf(request);
    const before = this.#scenario.requests[place - 1];
    if (before?.kind !== "handshake" || readBlob(before)["request_kind"] !== "prewarm") return;
    await thread.session.prewarmWebSocket({
      prompt: recordedPrompt(request, []),
      metadata: thread.client.metadata(recordedIdentity(before)),
      signal: new AbortController().signal,
    });
  }

  /** Everything the model was to know, of which a frame may hold only the end. */
  #input(thread: ReplayedThread, { body, n }: RecordedRequest): ResponseItem[] {
    const isIncremental = isJsonObject(body) && body["previous_response_id"] !== undefined;
    const input = [...(isIncremental ? thread.history : []), ...recordedInput(body)];
    thread.history = [...input, ...this.#answer(n)];
    return input;
  }

  /** The items of the recorded answer to a request. */
  #answer(n: number): ResponseItem[] {
    const events = this.#scenario.answers.find(({ request }) => request === n)?.sse ?? [];
    return readItems(
      events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item),
    );
  }

  #enterTurn(thread: ReplayedThread, { turnId }: RequestIdentity): void {
    if (thread.turnId === turnId) return;
    if (thread.turnId !== "") {
      thread.session.close();
      thread.session = thread.client.newSession();
    }
    thread.turnId = turnId;
  }

  #thread(request: RecordedRequest): ReplayedThread {
    const settings = recordedSettings(request);
    const key = JSON.stringify(settings);
    const known = this.#threads.get(key);
    if (known !== undefined) return known;
    const { network, provider, model, betaFeatures, originator, userAgent } = this.#settings;
    const client = new ModelClient({
      ...settings,
      network,
      provider,
      model,
      betaFeatures,
      errorPolicy: "0.140",
      clientHeaders: [
        ["originator", originator],
        ["user-agent", userAgent],
      ],
      sleep: async (_ms, signal) => signal?.throwIfAborted(),
    });
    const trace = ThreadTrace.startRoot({
      root: join(this.#folder, `traces-${this.#threads.size}`),
      metadata: {
        threadId: settings.threadId,
        agentPath: "/root",
        sessionSource: settings.sessionSource,
        cwd: RECORDED_PLACES.workspace,
        model: model.slug,
        providerName: provider.id,
        approvalPolicy: "never",
        sandboxPolicy: "DangerFullAccess",
      },
    });
    const session = client.newSession();
    const thread = { client, trace, session, turnId: undefined, history: [] };
    this.#threads.set(key, thread);
    return thread;
  }
}

const INFERENCE = { turnId: "turn", model: "gpt-mock", providerName: "mock" } as const;
