import { parentPort } from "node:worker_threads";
import type { QuickJSSyncVariant } from "quickjs-emscripten-core";
import { CELL_LIMITS } from "./cell-protocol.ts";
import type { FromCell, ToCell } from "./cell-protocol.ts";
import { Isolate } from "./isolate.ts";
import type { IsolateEngine } from "./isolate.ts";

/** The part of it used here; Node's types leave it to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
};

const PAGE_BYTES = 64 * 1024;
/** Memory of the engine before it runs anything. */
const INITIAL_PAGES = 256;

// The file a worker thread runs: one cell, then the thread is ended.

const port = parentPort;
if (port === null) throw new Error("this file is for worker threads");
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const post = (message: FromCell): void => port.postMessage(message);

const engine = await loadEngine();
if (engine !== undefined) {
  let isolate: Isolate | undefined;
  port.on("message", (message: ToCell) => {
    if (message.type === "settled") {
      isolate?.settle(message.callId, message.isResolved, message.json);
      return;
    }
    isolate = new Isolate(engine, message, post);
    isolate.run();
  });
  post({ type: "ready" });
}

async function loadEngine(): Promise<IsolateEngine | undefined> {
  try {
    const core = await import("quickjs-emscripten-core");
    const { default: variant } = await import("@jitl/quickjs-ng-wasmfile-release-sync");
    // The engine's own limit does not count what it has allocated, so its memory is one that cannot grow further.
    const memory = new WebAssembly.Memory({
      initial: INITIAL_PAGES,
      maximum: CELL_LIMITS.memoryBytes / PAGE_BYTES,
    });
    const limited = core.newVariant(variant as unknown as QuickJSSyncVariant, {
      wasmMemory: memory,
    });
    return {
      quickJs: await core.newQuickJSWASMModuleFromVariant(limited),
      usedBytes: () => memory.buffer.byteLength,
    };
  } catch (error) {
    post({ type: "unavailable", reason: reasonOf(error) });
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    return "the optional packages `quickjs-emscripten-core` and `@jitl/quickjs-ng-wasmfile-release-sync`, which run scripts, are not installed; the user can install them";
  }
  return error instanceof Error ? error.message : String(error);
}
