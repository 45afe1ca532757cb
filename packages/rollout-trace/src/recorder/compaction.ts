import type { ResponseItem } from "@codex-ts/protocol";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";

/** Which turn compacts its history, by which model. */
export interface CompactionTraceOptions {
  readonly turnId: string;
  /** Id of this compaction; several requests may serve it. */
  readonly compactionId: string;
  readonly model: string;
  readonly providerName: string;
}

/** The history before and after a compaction. */
export interface CompactionCheckpoint {
  readonly inputHistory: readonly ResponseItem[];
  readonly replacementHistory: readonly ResponseItem[];
}

/** The trace of one remote compaction. (Local, prompt-based compaction is recorded nowhere, as in Codex.) */
export class CompactionTraceContext {
  readonly #bundle: BundleRecorder | undefined;
  readonly #context: TraceEventContext;
  readonly #options: CompactionTraceOptions;

  /** @internal */
  constructor(
    bundle: BundleRecorder | undefined,
    threadId: string,
    options: CompactionTraceOptions,
  ) {
    this.#bundle = bundle;
    this.#context = { threadId, turnId: options.turnId };
    this.#options = options;
  }

  /** Records one request, its body exactly as sent; each retry is an attempt of its own. */
  startAttempt(request: object): CompactionAttempt {
    const bundle = this.#bundle;
    const facts = bundle?.guard(() => this.#appendStarted(bundle, request));
    return facts === undefined ? DISABLED_ATTEMPT : new CompactionAttempt(facts);
  }

  /** Call when the replacement became the live history; only the first call for a compaction counts. */
  recordInstalled(checkpoint: CompactionCheckpoint): void {
    const bundle = this.#bundle;
    bundle?.guard(() => this.#appendInstalled(bundle, checkpoint));
  }

  #appendStarted(bundle: BundleRecorder, request: object): CompactionAttemptFacts | undefined {
    if (!bundle.knowsTurn(this.#context)) return undefined;
    const requestPayload = bundle.writePayload("compaction_request", request);
    if (requestPayload === undefined) return undefined;
    const ids = {
      compaction_id: this.#options.compactionId,
      compaction_request_id: bundle.nextCompactionRequestId(),
    };
    const isWritten = bundle.append(
      {
        type: "compaction_request_started",
        ...ids,
        thread_id: this.#context.threadId,
        codex_turn_id: this.#context.turnId,
        model: this.#options.model,
        provider_name: this.#options.providerName,
        request_payload: requestPayload,
      },
      this.#context,
    );
    return isWritten ? { bundle, context: this.#context, ids } : undefined;
  }

  #appendInstalled(bundle: BundleRecorder, checkpoint: CompactionCheckpoint): void {
    const { compactionId } = this.#options;
    if (!bundle.knowsTurn(this.#context) || bundle.compactions.has(compactionId)) return;
    const checkpointPayload = bundle.writePayload("compaction_checkpoint", {
      input_history: bundle.toHistoryItems(checkpoint.inputHistory),
      replacement_history: bundle.toHistoryItems(checkpoint.replacementHistory),
    });
    if (checkpointPayload === undefined) return;
    const isWritten = bundle.append(
      {
        type: "compaction_installed",
        compaction_id: compactionId,
        checkpoint_payload: checkpointPayload,
      },
      this.#context,
    );
    if (isWritten) bundle.compactions.add(compactionId);
  }
}

interface CompactionAttemptFacts {
  readonly bundle: BundleRecorder;
  readonly context: TraceEventContext;
  readonly ids: { readonly compaction_id: string; readonly compaction_request_id: string };
}

/** The trace of one compaction request. The first of its two ends is recorded, a second one does nothing. */
export class CompactionAttempt {
  /** `compaction_request:<n>`; `undefined` when nothing is recorded. */
  readonly compactionRequestId: string | undefined;
  #facts: CompactionAttemptFacts | undefined;

  /** @internal */
  constructor(facts: CompactionAttemptFacts | undefined) {
    this.#facts = facts;
    this.compactionRequestId = facts?.ids.compaction_request_id;
  }

  recordCompleted({ outputItems }: { readonly outputItems: readonly ResponseItem[] }): void {
    this.#end(({ bundle, context, ids }) => {
      const responsePayload = bundle.writePayload("compaction_response", {
        output_items: bundle.toHistoryItems(outputItems),
      });
      bundle.append(
        responsePayload === undefined
          ? {
              type: "compaction_request_failed",
              ...ids,
              error: "the compaction completed, but its payload could not be recorded",
            }
          : { type: "compaction_request_completed", ...ids, response_payload: responsePayload },
        context,
      );
    });
  }

  recordFailed({ error }: { readonly error: string }): void {
    this.#end(({ bundle, context, ids }) => {
      bundle.append({ type: "compaction_request_failed", ...ids, error }, context);
    });
  }

  #end(append: (facts: CompactionAttemptFacts) => void): void {
    const facts = this.#facts;
    this.#facts = undefined;
    facts?.bundle.guard(() => append(facts));
  }
}

const DISABLED_ATTEMPT = new CompactionAttempt(undefined);
