import { parentPort } from "node:worker_threads";
import type { QuickJSWASMModule } from "quickjs-emscripten-core";
import type { FromCell, ToCell } from "./cell-protocol.ts";
import { Isolate } from "./isolate.ts";

// The file a worker thread runs: one cell, then the thread is ended.

const port = parentPort;
if (port === null) throw new Error("this file is for worker threads");
const post = (message: FromCell): void => port.postMessage(message);

const quickJs = await loadQuickJs();
if (quickJs !== undefined) {
  let isolate: Isolate | undefined;
  port.on("message", (message: ToCell) => {
    if (message.type === "settled") {
      isolate?.settle(message.callId, message.isResolved, message.json);
      return;
    }
    isolate = new Isolate(quickJs, message, post);
    isolate.run();
  });
  post({ type: "ready" });
}

async function loadQuickJs(): Promise<QuickJSWASMModule | undefined> {
  try {
    const { newQuickJSWASMModuleFromVariant } = await import("quickjs-emscripten-core");
    return await newQuickJSWASMModuleFromVariant(import("@jitl/quickjs-ng-wasmfile-release-sync"));
  } catch (error) {
    post({ type: "unavailable", reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}
