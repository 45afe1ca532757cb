import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { CellStatus } from "../format/raw-event.ts";
import type { TraceEventContext } from "../writer/trace-writer.ts";
import type { BundleRecorder } from "./bundle-recorder.ts";
import { cellKey } from "./tool-dispatch.ts";

/** One piece of JavaScript that the model asked to run. */
export interface CodeCellStart {
  readonly turnId: string;
  /** The runtime's id of the cell, unique in its thread. */
  readonly runtimeCellId: string;
  /** Call id of the model's `exec` call. */
  readonly modelVisibleCallId: string;
  /** The source as run, without its pragma line. */
  readonly sourceJs: string;
}

/** A response of the code runtime, stored as it is: one member names the variant. */
export type CodeCellResponse =
  | { readonly Yielded: JsonObject }
  | { readonly Terminated: JsonObject }
  | { readonly Result: JsonObject & { readonly error_text?: JsonValue } };

/** The trace of one code cell. A cell that was not recorded records nothing more. */
export class CodeCellTrace {
  readonly #bundle: BundleRecorder | undefined;
  readonly #context: TraceEventContext;
  readonly #runtimeCellId: string;

  /** @internal */
  constructor(
    bundle: BundleRecorder | undefined,
    context: TraceEventContext,
    runtimeCellId: string,
  ) {
    this.#bundle = bundle;
    this.#context = context;
    this.#runtimeCellId = runtimeCellId;
  }

  /** The first response of the runtime; one that is not `Yielded` also ends the cell. */
  recordInitialResponse(response: CodeCellResponse): void {
    this.#append("code_cell_initial_response", response);
    if (cellStatus(response) !== "yielded") this.recordEnded(response);
  }

  /** The response that ended a cell which had yielded before. */
  recordEnded(response: CodeCellResponse): void {
    this.#append("code_cell_ended", response);
  }

  #append(
    type: "code_cell_initial_response" | "code_cell_ended",
    response: CodeCellResponse,
  ): void {
    const bundle = this.#bundle;
    bundle?.guard(() => {
      if (!bundle.knowsTurn(this.#context)) return;
      if (!bundle.cells.has(cellKey(this.#context.threadId, this.#runtimeCellId))) return;
      bundle.append(
        {
          type,
          runtime_cell_id: this.#runtimeCellId,
          status: cellStatus(response),
          response_payload: bundle.writePayload("tool_result", { response }) ?? null,
        },
        this.#context,
      );
    });
  }
}

function cellStatus(response: CodeCellResponse): CellStatus {
  if ("Yielded" in response) return "yielded";
  if ("Terminated" in response) return "terminated";
  return typeof response.Result.error_text === "string" ? "failed" : "completed";
}

/** The recorder of the cell; one that records nothing when the cell could not be recorded. */
export function startCodeCell(
  bundle: BundleRecorder | undefined,
  threadId: string,
  start: CodeCellStart,
): CodeCellTrace {
  const context = { threadId, turnId: start.turnId };
  const isWritten = bundle?.guard(() => appendStarted(bundle, context, start)) === true;
  return new CodeCellTrace(isWritten ? bundle : undefined, context, start.runtimeCellId);
}

function appendStarted(
  bundle: BundleRecorder,
  context: TraceEventContext,
  { runtimeCellId, modelVisibleCallId, sourceJs }: CodeCellStart,
): boolean {
  if (!bundle.knowsTurn(context)) return false;
  const key = cellKey(context.threadId, runtimeCellId);
  // Neither id may be used twice: the reduced cell is named after the call, and found by the runtime's id.
  if (bundle.cells.has(key) || bundle.cellCallIds.has(modelVisibleCallId)) return false;
  const isWritten = bundle.append(
    {
      type: "code_cell_started",
      runtime_cell_id: runtimeCellId,
      model_visible_call_id: modelVisibleCallId,
      source_js: sourceJs,
    },
    context,
  );
  if (!isWritten) return false;
  bundle.cells.add(key);
  bundle.cellCallIds.add(modelVisibleCallId);
  return true;
}
