import type {
  QuickJSContext,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSWASMModule,
} from "quickjs-emscripten-core";
import { CELL_LIMITS, SCRIPT_NAME } from "./cell-protocol.ts";
import type { CellItem, CellStart, FromCell } from "./cell-protocol.ts";
import { ISOLATE_PRELUDE, PRELUDE_NAME } from "./isolate-prelude.ts";
import { scriptErrorText } from "./script-error.ts";

const OUT_OF_MEMORY = "InternalError: out of memory";

/** The longest delay timers of Node take. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The engine that runs scripts. */
export interface IsolateEngine {
  readonly quickJs: QuickJSWASMModule;
  /** How large its memory has become. */
  usedBytes(): number;
}

/** From here on there may be no room left even for an error. */
const FULL_BYTES = CELL_LIMITS.memoryBytes * 0.9;

/** Functions of the prelude that the host calls. */
type PreludeFunction = "settle" | "fire" | "describe";

/**
 * One script in an isolate of its own: it shares nothing with the host but the messages it posts. Blocks while the script
 * computes, so that it belongs into a thread that can be ended.
 */
export class Isolate {
  readonly #engine: IsolateEngine;
  readonly #start: CellStart;
  readonly #post: (message: FromCell) => void;
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #prelude: Readonly<Record<PreludeFunction, QuickJSHandle>>;
  readonly #timers = new Map<number, NodeJS.Timeout>();
  /** Calls of tools since the script last waited: those of a script that is over are never made. */
  #calls: FromCell[] = [];
  /** Characters of the argument of each call that has not ended. */
  readonly #pendingCharacters = new Map<number, number>();
  /** JSON texts by key, those of earlier cells among them. */
  readonly #stored: Map<string, string>;
  /** The end of the module. */
  #main: QuickJSHandle | undefined;
  #charactersLeft: number = CELL_LIMITS.outputCharacters;
  #itemsLeft: number = CELL_LIMITS.outputItems;
  #hasExited = false;
  #isOver = false;

  constructor(engine: IsolateEngine, start: CellStart, post: (message: FromCell) => void) {
    this.#engine = engine;
    this.#start = start;
    this.#post = post;
    this.#stored = new Map(Object.entries(start.stored));
    this.#runtime = engine.quickJs.newRuntime();
    this.#runtime.setMaxStackSize(CELL_LIMITS.stackBytes);
    this.#runtime.setInterruptHandler(() => this.#hasExited);
    this.#runtime.setModuleLoader((name) => ({
      error: new Error(`Unsupported import in exec: ${name}`),
    }));
    this.#context = this.#runtime.newContext();
    this.#prelude = this.#runPrelude();
  }

  /** Runs the script until it waits for something, or ends. */
  run(): void {
    this.#post({ type: "started" });
    this.#enter(() => {
      const result = this.#context.evalCode(this.#start.source, SCRIPT_NAME, { type: "module" });
      if (result.error !== undefined) return result;
      this.#main = result.value;
      return undefined;
    });
  }

  /** Hands the end of a tool call to the script and goes on with it. */
  settle(callId: number, isResolved: boolean, json: string): void {
    if (this.#isOver) return;
    this.#pendingCharacters.delete(callId);
    const isTooLong = Buffer.byteLength(json) > CELL_LIMITS.valueBytes;
    const reason = `the call has returned more than ${CELL_LIMITS.valueBytes} bytes`;
    this.#call("settle", [
      this.#context.newNumber(callId),
      isResolved && !isTooLong ? this.#context.true : this.#context.false,
      this.#context.newString(isTooLong ? JSON.stringify(reason) : json),
    ]);
  }

  #fire(id: number): void {
    this.#timers.delete(id);
    this.#call("fire", [this.#context.newNumber(id)]);
  }

  #call(name: PreludeFunction, parameters: readonly QuickJSHandle[]): void {
    this.#enter(() => {
      const { undefined: nothing } = this.#context;
      const result = this.#context.callFunction(this.#prelude[name], nothing, [...parameters]);
      // The engine frees nothing that the host still holds.
      for (const parameter of parameters) parameter.dispose();
      return result;
    });
  }

  /** Lets the script go on, and then do all that it can do without waiting. */
  #enter(step: () => { readonly error?: QuickJSHandle | undefined } | undefined): void {
    if (this.#isOver) return;
    const error = step()?.error ?? this.#runJobs();
    if (this.#hasExited) return this.#end(undefined);
    if (error !== undefined) return this.#end(this.#describe(error));
    const { type, error: reason } = this.#mainState();
    if (type === "fulfilled") return this.#end(undefined);
    if (type === "rejected") return this.#end(this.#describe(reason));
    const calls = this.#calls;
    this.#calls = [];
    for (const call of calls) this.#post(call);
  }

  /** One by one: no job runs after `exit()`. */
  #runJobs(): QuickJSHandle | undefined {
    for (;;) {
      if (this.#hasExited) return undefined;
      const result = this.#runtime.executePendingJobs(1);
      if (result.error !== undefined) return result.error;
      if (result.value === 0) return undefined;
    }
  }

  #mainState(): { readonly type: string; readonly error?: QuickJSHandle | undefined } {
    if (this.#main === undefined) return { type: "pending" };
    const state = this.#context.getPromiseState(this.#main);
    return state.type === "rejected" ? state : { type: state.type };
  }

  #describe(error: QuickJSHandle | undefined): string {
    const { describe } = this.#prelude;
    const result = error && this.#context.callFunction(describe, this.#context.undefined, error);
    const isFull = this.#engine.usedBytes() >= FULL_BYTES;
    if (result === undefined || result.error !== undefined) {
      return isFull ? OUT_OF_MEMORY : "the script failed, and so did the description of its error";
    }
    const described = this.#context.dump(result.value) as {
      head?: unknown;
      stack?: unknown;
    } | null;
    const { head = "", stack = "" } = described ?? {};
    // There was no room to make the error, or to describe it.
    if (isFull && (head === "null" || head === "")) return OUT_OF_MEMORY;
    return scriptErrorText({ head: String(head), stack: String(stack) }, this.#start.source);
  }

  #end(error: string | undefined): void {
    this.#isOver = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#post({ type: "ended", error });
  }

  #runPrelude(): Readonly<Record<PreludeFunction, QuickJSHandle>> {
    const context = this.#context;
    const prelude = context.unwrapResult(context.evalCode(ISOLATE_PRELUDE, PRELUDE_NAME));
    const made = context.unwrapResult(
      context.callFunction(prelude, context.undefined, [
        this.#hostFunctions(),
        this.#toHandle(this.#start.tools),
      ]),
    );
    return {
      settle: context.getProp(made, "settle"),
      fire: context.getProp(made, "fire"),
      describe: context.getProp(made, "describe"),
    };
  }

  #toHandle(value: unknown): QuickJSHandle {
    const context = this.#context;
    const parse = context.getProp(context.getProp(context.global, "JSON"), "parse");
    const json = context.newString(JSON.stringify(value));
    return context.unwrapResult(context.callFunction(parse, context.undefined, json));
  }

  #hostFunctions(): QuickJSHandle {
    const context = this.#context;
    const host = context.newObject();
    const make = (name: string, run: (...parameters: unknown[]) => string | undefined): void => {
      const made = context.newFunction(name, (...handles) => {
        const problem = run(...handles.map((handle) => context.dump(handle) as unknown));
        return problem === undefined ? undefined : { error: context.newString(problem) };
      });
      context.setProp(host, name, made);
    };
    make("text", (json) => this.#show({ type: "input_text", text: textOf(json) }));
    make("image", (url, detail) =>
      this.#show({
        type: "input_image",
        image_url: textOf(url),
        detail: detail as "auto" | "low" | "high" | "original",
      }),
    );
    make("notify", (json) => {
      const text = textOf(json);
      return this.#tell({ type: "notice", text }, text);
    });
    make("store", (key, json) => this.#store(textOf(key), json as string));
    const load = context.newFunction("load", (key) => {
      const json = this.#stored.get(textOf(context.dump(key)));
      return json === undefined ? undefined : context.newString(json);
    });
    context.setProp(host, "load", load);
    make("yielded", () => this.#tell({ type: "yielded" }, ""));
    make("exit", () => {
      this.#hasExited = true;
      return undefined;
    });
    make("call", (callId, tool, json) =>
      this.#askFor({
        type: "call",
        callId: callId as number,
        tool: tool as number,
        json: json as string | undefined,
      }),
    );
    make("startTimer", (id, ms) => {
      const delayMs = Math.min(ms as number, MAX_DELAY_MS);
      this.#timers.set(
        id as number,
        setTimeout(() => this.#fire(id as number), delayMs),
      );
      return undefined;
    });
    make("stopTimer", (id) => {
      clearTimeout(this.#timers.get(id as number));
      this.#timers.delete(id as number);
      return undefined;
    });
    return host;
  }

  #askFor(call: Extract<FromCell, { readonly type: "call" }>): string | undefined {
    let characters = call.json?.length ?? 0;
    for (const pending of this.#pendingCharacters.values()) characters += pending;
    if (characters > CELL_LIMITS.pendingCharacters) {
      return `the arguments of pending calls have more than ${CELL_LIMITS.pendingCharacters} characters; await some of them first, or pass less`;
    }
    this.#pendingCharacters.set(call.callId, call.json?.length ?? 0);
    this.#calls.push(call);
    return undefined;
  }

  #store(key: string, json: string): string | undefined {
    if (Buffer.byteLength(json) > CELL_LIMITS.valueBytes) {
      return `the value to store has more than ${CELL_LIMITS.valueBytes} bytes; store less`;
    }
    const problem = this.#tell({ type: "stored", key, json }, key + json);
    if (problem === undefined) this.#stored.set(key, json);
    return problem;
  }

  #show(item: CellItem): string | undefined {
    const text = item.type === "input_text" ? item.text : item.image_url;
    return this.#tell({ type: "item", item }, text);
  }

  /** Posts a message at once: a script that never waits again must still be heard. Returns why it is not posted. */
  #tell(message: FromCell, text: string): string | undefined {
    if (this.#itemsLeft <= 0) {
      return `the script has shown more than ${CELL_LIMITS.outputItems} items; put more into each`;
    }
    if (text.length > this.#charactersLeft) {
      return `the script has shown more than ${CELL_LIMITS.outputCharacters} characters; show less`;
    }
    this.#itemsLeft -= 1;
    this.#charactersLeft -= text.length;
    this.#post(message);
    return undefined;
  }
}

/** The text of a JSON string; halves of characters, which no text for the model can hold, are replaced. */
function textOf(json: unknown): string {
  return (JSON.parse(json as string) as string).toWellFormed();
}
