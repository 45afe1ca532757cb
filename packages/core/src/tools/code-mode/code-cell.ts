import { Worker } from "node:worker_threads";
import { ToolError } from "../tool.ts";
import { CELL_LIMITS } from "./cell-protocol.ts";
import type { CellItem, CellStart, FromCell, ToCell } from "./cell-protocol.ts";
import { workerFile } from "./worker-file.ts";

/** How often it is looked whether a cell has computed for too long. */
const CHECK_MS = 1000;
/** Memory of the thread besides that of its script, which has a limit of its own: messages, above all. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };

/** State of a cell, and what it has shown since the last report. */
export interface CellReport {
  readonly status: "running" | "completed" | "failed" | "terminated";
  readonly items: readonly CellItem[];
  /** Message and stack; present when the script failed. */
  readonly error: string | undefined;
  /** How long the cell was waited for, in milliseconds. */
  readonly waitedMs: number;
  /** How long a result had been there before it was asked for, in milliseconds; `undefined`: it was waited for. */
  readonly bufferedMs: number | undefined;
}

/** The surroundings of a cell. */
export interface CellHost {
  /** Runs a call of a tool. Never rejects. */
  call(call: Extract<FromCell, { readonly type: "call" }>): Promise<CallResult>;
  notice(text: string): void;
  store(key: string, json: string): void;
  /** Milliseconds. */
  readonly now: () => number;
}

/** The end of a tool call, for the script. */
export interface CallResult {
  readonly isResolved: boolean;
  /** JSON text. */
  readonly json: string;
}

type CellEnd = Pick<CellReport, "status" | "error"> & { readonly atMs: number };

/** A script that runs in a thread of its own. */
export class CodeCell {
  readonly #worker: Worker;
  readonly #host: CellHost;
  readonly #abort = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  readonly #check: NodeJS.Timeout;
  #items: CellItem[] = [];
  #end: CellEnd | undefined;
  /** Resolves the report that is waited for. */
  #wake: (() => void) | undefined;

  private constructor(host: CellHost) {
    this.#host = host;
    this.#worker = new Worker(workerFile(), {
      // Nothing of this process: neither its variables nor its flags.
      env: {},
      execArgv: [],
      resourceLimits: THREAD_LIMITS,
    });
    this.#worker.unref();
    this.#worker.on("message", (message: FromCell) => this.#take(message));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("its thread has ended")));
    this.#check = setInterval(() => this.#checkTime(), CHECK_MS);
    this.#check.unref();
    // Nobody may be there yet who waits for it.
    this.#ready.promise.catch(() => {});
  }

  /** Starts a thread with an isolate. Rejects with a `ToolError` when there can be none. */
  static async open(host: CellHost): Promise<CodeCell> {
    const cell = new CodeCell(host);
    await cell.#ready.promise;
    return cell;
  }

  /** Aborted when the cell is over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Runs the script; resolves when it begins, or cannot. */
  async run(start: Omit<CellStart, "type">): Promise<void> {
    this.#tell({ type: "start", ...start });
    await this.#started.promise;
  }

  /**
   * Waits until the script ends, asks for what it has shown to be passed on, or the time is over. Rejects with the reason
   * of an abort.
   */
  async report(ms: number, signal: AbortSignal): Promise<CellReport> {
    const { now } = this.#host;
    const startedMs = now();
    signal.throwIfAborted();
    if (this.#end !== undefined) return this.#takeReport(startedMs, startedMs - this.#end.atMs);
    const { promise, resolve, reject } = Promise.withResolvers<CellReport>();
    const wake = (): void => resolve(this.#takeReport(startedMs, undefined));
    const stop = (): void => reject(signal.reason);
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", stop, { once: true });
    this.#wake = wake;
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      if (this.#wake === wake) this.#wake = undefined;
    }
  }

  /** Ends the script wherever it is; resolves with what is left to report. */
  async terminate(): Promise<CellReport> {
    const startedMs = this.#host.now();
    const bufferedMs = this.#end && startedMs - this.#end.atMs;
    this.#finish({ status: "terminated", error: undefined });
    await this.#worker.terminate();
    return this.#takeReport(startedMs, bufferedMs);
  }

  #take(message: FromCell): void {
    if (this.#end !== undefined) return;
    switch (message.type) {
      case "ready":
        return this.#ready.resolve();
      case "started":
        return this.#started.resolve();
      case "unavailable":
        return this.#fail(new ToolError(message.reason));
      case "item":
        this.#items.push(message.item);
        return;
      case "notice":
        return this.#host.notice(message.text);
      case "stored":
        return this.#host.store(message.key, message.json);
      case "call":
        void this.#call(message);
        return;
      case "yielded":
        return this.#wake?.();
      case "ended": {
        const { error } = message;
        return this.#finish({ status: error === undefined ? "completed" : "failed", error });
      }
      default:
        message satisfies never;
    }
  }

  async #call(call: Extract<FromCell, { readonly type: "call" }>): Promise<void> {
    const { isResolved, json } = await this.#host.call(call);
    this.#tell({ type: "settled", callId: call.callId, isResolved, json });
  }

  #tell(message: ToCell): void {
    if (this.#end !== undefined) return;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(message);
  }

  #checkTime(): void {
    const { active } = this.#worker.performance.eventLoopUtilization();
    if (active <= CELL_LIMITS.computeMs) return;
    const seconds = CELL_LIMITS.computeMs / 1000;
    this.#fail(new Error(`the script has computed for ${seconds} seconds and was ended`));
  }

  #fail(error: Error): void {
    this.#ready.reject(error);
    const isFull = (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY";
    const reason = isFull ? "the script has used up its memory" : error.message;
    this.#finish({ status: "failed", error: reason });
  }

  #finish(end: Pick<CellReport, "status" | "error">): void {
    if (this.#end !== undefined) return;
    this.#end = { ...end, atMs: this.#host.now() };
    clearInterval(this.#check);
    this.#started.resolve();
    this.#abort.abort(new Error("the code cell is over"));
    void this.#worker.terminate();
    this.#wake?.();
  }

  #takeReport(startedMs: number, bufferedMs: number | undefined): CellReport {
    const items = this.#items;
    this.#items = [];
    const { status = "running", error } = this.#end ?? {};
    return { status, items, error, waitedMs: this.#host.now() - startedMs, bufferedMs };
  }
}
