import { generatedImageNotice } from "../context/context-messages.ts";
import type {
  ImageGenerationCallItem,
  JsonValue,
  ResponseEvent,
  ResponseItem,
} from "@codex-ts/protocol";
import type { InferenceObserver } from "../attempt/inference-observer.ts";
import type { SamplingRequest } from "../client/sampling-request.ts";
import type { Prompt } from "../client/request-builder.ts";
import type { MappedResponseStream } from "../attempt/stream-mapper.ts";
import { NestedCalls } from "../tools/code-mode/nested-calls.ts";
import { ToolRouter, isToolCall } from "../tools/router.ts";
import type { ToolAnswer, ToolCallItem } from "../tools/router.ts";
import { HeldSummary } from "./held-summary.ts";
import { OutputItems } from "./output-items.ts";
import { historyPrompt, requestIdentity, requestSettings } from "./request-facts.ts";
import { SteerSignal } from "./steer-signal.ts";
import type { TurnContext } from "./turn-context.ts";

/** How long a tool waits for the end of the response that called it, in milliseconds. */
const END_GRACE_MS = 10;

/** Result of one response. */
export interface SamplingResult {
  /** The model called tools, or said that its turn is not over. */
  readonly needsFollowUp: boolean;
  /** There was an item at least. */
  readonly hasOutput: boolean;
  /** The response was dropped, because an input for the running turn came. */
  readonly isSteered?: true;
}

/** The result when an input has come in the place of a response. */
export const STEERED: SamplingResult = { needsFollowUp: true, hasOutput: true, isSteered: true };

/**
 * Sends one request made from history and takes in its response. Items enter history as they finish, tools start while
 * the response still streams; also after a failure their outputs are waited for and recorded in the order of the calls.
 *
 * Rejects with the error of the request or with the reason of an abort.
 */
export async function sampleOnce(turn: TurnContext): Promise<SamplingResult> {
  const steering = new SteerSignal(turn);
  try {
    return await sampleUntilSteered(turn, steering);
  } finally {
    steering.stop();
  }
}

async function sampleUntilSteered(
  turn: TurnContext,
  steering: SteerSignal,
): Promise<SamplingResult> {
  turn.limits.countRequest();
  const inference = new HeldSummary(turn.emit);
  const time = turn.limits.timeResponse(AbortSignal.any([turn.signal, steering.signal]));
  let stream: MappedResponseStream;
  try {
    stream = await turn.session.stream(makeRequest(turn, inference, time.signal));
  } catch (error) {
    time.stop();
    inference.release();
    if (steering.hasEnded(turn)) return STEERED;
    throw error;
  }
  const sampling = new Sampling(turn);
  try {
    await sampling.read(stream);
  } catch (error) {
    if (!steering.hasEnded(turn)) throw error;
  } finally {
    time.stop();
    await stream.close();
    inference.release();
    await sampling.recordToolOutputs();
    if (sampling.hasCounts) turn.emitTokenCount();
    if (sampling.isComplete && turn.thread.facts.profile.turnDiffs === "after_requests") {
      turn.emitDiff();
    }
  }
  turn.signal.throwIfAborted();
  if (steering.hasEnded(turn) && !sampling.isComplete) return STEERED;
  const { needsFollowUp, hasOutput } = sampling;
  return { needsFollowUp, hasOutput };
}

function makeRequest(
  turn: TurnContext,
  observer: InferenceObserver,
  signal: AbortSignal,
): SamplingRequest {
  const { facts } = turn.thread;
  return {
    prompt: makePrompt(turn),
    metadata: facts.client.metadata({
      ...requestIdentity(turn),
      requestKind: { type: "turn" },
    }),
    settings: requestSettings(turn.settings),
    trace: facts.trace.inferenceContext({
      turnId: turn.turnId,
      model: turn.settings.model.slug,
      providerName: facts.client.options.provider.info.name,
    }),
    observer,
    signal,
  };
}

function makePrompt(turn: TurnContext): Prompt {
  return {
    ...historyPrompt(turn, turn.settings.model),
    outputSchema: turn.options.outputSchema as JsonValue | undefined,
    cyberAccessProgram: turn.options.cyberAccessProgram,
  };
}

/** Keeps an image of the server; the model learns where. Returns its path. */
function keepImage(turn: TurnContext, item: ImageGenerationCallItem): string | undefined {
  const { images, profile } = turn.thread.facts;
  if (images === undefined || !profile.showsImages) return undefined;
  try {
    const path = images.save(item);
    if (path !== undefined) turn.record(generatedImageNotice(images.directory));
    return path;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    turn.warn(`a generated image could not be kept: ${reason}`);
    return undefined;
  }
}

/** Takes in the events of one response. */
class Sampling {
  needsFollowUp = false;
  hasOutput = false;
  /** The server said something about usage or limits. */
  hasCounts = false;
  /** The response has come to its end. */
  isComplete = false;
  /** The rest of the response is left, because another agent has written. */
  hasMail = false;
  readonly #turn: TurnContext;
  readonly #items: OutputItems;
  readonly #router: ToolRouter;
  /** Settles when the end of the response is known. */
  #ended: Promise<unknown> = Promise.resolve();
  /** Outputs of the calls so far, in the order of the calls. */
  readonly #inFlight: Promise<ToolAnswer | undefined>[] = [];

  constructor(turn: TurnContext) {
    this.#turn = turn;
    this.#items = new OutputItems(turn);
    const { settings } = turn;
    const { facts } = turn.thread;
    const options = {
      registry: facts.registry,
      trace: facts.trace,
      turn: {
        threadId: facts.threadId,
        turnId: turn.turnId,
        cwd: settings.cwd,
        sandboxMode: settings.sandboxMode,
        approvalPolicy: settings.approvalPolicy,
        metadata: () => facts.client.metadata(requestIdentity(turn)),
        mode: settings.mode.kind,
        ...(facts.approvals !== undefined && { approvals: facts.approvals }),
        outputBudget: settings.model.truncation_policy,
        now: facts.now,
        signal: turn.signal,
        report: turn.reporter,
      },
      stoppedCalls: facts.profile.stoppedCalls,
      imageReader: turn.imageReader,
    };
    this.#router = new ToolRouter(options);
    facts.codeCells()?.serve(new NestedCalls(options));
  }

  async read(stream: MappedResponseStream): Promise<void> {
    this.#ended = stream.lastResponse;
    for await (const event of stream) {
      this.#take(event);
      if (event.type === "completed" || this.hasMail) return;
      const behind = this.#turn.queue.behind();
      if (behind !== undefined) await behind;
    }
  }

  async recordToolOutputs(): Promise<void> {
    for (const answer of this.#inFlight) {
      const output = await answer;
      if (output !== undefined) this.#turn.record(output.item, { toolCallId: output.toolCallId });
    }
    for (const notice of this.#turn.thread.facts.codeCells()?.takeNotices() ?? []) {
      this.#turn.record(notice);
      this.needsFollowUp = true;
    }
  }

  #take(event: ResponseEvent): void {
    switch (event.type) {
      case "outputItemDone":
        this.#takeItem(event.item);
        return;
      case "serverModel":
        this.#noteServedModel(event.model);
        return;
      case "rateLimits":
        this.#turn.thread.tokenCount.noteRateLimits(event.snapshot);
        this.hasCounts = true;
        return;
      case "completed":
        this.isComplete = true;
        this.#turn.thread.tokenCount.add(event.tokenUsage);
        this.hasCounts = true;
        if (event.endTurn === false) this.needsFollowUp = true;
        return;
      case "serverReasoningIncluded":
        this.#turn.thread.reasoningIsCounted = event.included;
        return;
      case "modelsEtag":
        return this.#turn.thread.facts.onModelsEtag(event.etag);
      case "outputTextDelta":
        return this.#items.onTextDelta(event.delta);
      case "reasoningSummaryDelta":
        return this.#items.onReasoningSummaryDelta(event.delta, event.summaryIndex);
      case "reasoningContentDelta":
        return this.#items.onReasoningContentDelta(event.delta, event.contentIndex);
      case "outputItemAdded":
        return this.#items.onAdded(event.item);
      case "reasoningSummaryPartAdded":
        return this.#items.onReasoningSummaryPart(event.summaryIndex);
      case "unreadableItem":
        this.#turn.warn(
          `the model's \`${event.itemType}\` could not be read and is left out: ${event.problem}`,
        );
        return;
      // A finished item repeats these, or they concern neither the conversation nor what it shows.
      case "created":
      case "toolCallInputDelta":
      case "modelVerifications":
      case "turnModerationMetadata":
      case "other":
        return;
      default:
        event satisfies never;
    }
  }

  #takeItem(item: ResponseItem): void {
    this.hasOutput = true;
    // No server offers a model tools of its own accord; those that are, are offered here.
    if (item.type === "additional_tools") return this.#turn.noteUnknownItem(item.type);
    if (item.type === "other") this.#turn.noteUnknownItem(item.raw["type"]);
    this.#turn.firstTokenMs ??= this.#turn.thread.facts.now() - this.#turn.startedMs;
    // The call enters history before its tool starts, so that a broken stream leaves call and output in order.
    const savedPath =
      item.type === "image_generation_call" ? keepImage(this.#turn, item) : undefined;
    this.#turn.record(item, { isOfResponse: true, savedPath });
    this.#items.onDone(item, savedPath);
    if (this.#turn.mail.note(item)) {
      this.hasMail = true;
      this.needsFollowUp = true;
    }
    if (!isToolCall(item)) return;
    this.needsFollowUp = true;
    this.#inFlight.push(this.#dispatch(item));
  }

  async #dispatch(call: ToolCallItem): Promise<ToolAnswer | undefined> {
    await this.#nearEnd();
    return this.#router.dispatch(call);
  }

  /**
   * Waits for the end of the response, but not long. Calls come last as a rule; a trace joins them with their response
   * only when its end is recorded before they start, and over WebSocket it comes a moment later, in a frame of its own.
   */
  async #nearEnd(): Promise<void> {
    const waited = Promise.withResolvers<void>();
    const timer = setTimeout(waited.resolve, END_GRACE_MS);
    await Promise.race([this.#ended, waited.promise]);
    clearTimeout(timer);
  }

  #noteServedModel(served: string): void {
    const { slug } = this.#turn.settings.model;
    if (!this.#turn.thread.isNewReroute(served, slug)) return;
    this.#turn.emit({
      type: "model_reroute",
      from_model: slug,
      to_model: served,
      reason: "high_risk_cyber_activity",
    });
    this.#turn.warn(`model rerouted: ${slug} -> ${served}`);
  }
}
