import { CELL_LIMITS } from "./cell-protocol.ts";

/** The file name of the prelude in stacks. */
export const PRELUDE_NAME = "exec_prelude";

/** Most that is taken of the message of an error, and of its stack. */
const MAX_DESCRIBED_CHARACTERS = 20_000;

/**
 * Runs in the isolate before the script and makes its globals. A function of the host's functions (`host`) and the tools' faces;
 * returns what the host calls. What it needs of the language it takes before the script can change it. What it throws are
 * texts, as in Codex: they are shown without a stack. Texts of the script reach the host as JSON: its own texts end at a NUL.
 */
export const ISOLATE_PRELUDE: string = `(function (host, faces) {
  "use strict";
  const { stringify, parse } = JSON;
  const { apply } = Reflect;
  const { isArray } = Array;
  const { defineProperty } = Object;
  const toText = String;
  const toNumber = Number;
  const isFinite = Number.isFinite;
  const errorText = Error.prototype.toString;
  const NativePromise = Promise;
  const NativeError = Error;
  const { get, set: put, delete: remove } = Map.prototype;
  const sizeOf = Object.getOwnPropertyDescriptor(Map.prototype, "size").get;
  const startsWith = String.prototype.startsWith;
  const slice = String.prototype.slice;
  const toLowerCase = String.prototype.toLowerCase;
  // What the language of Codex's scripts does not have.
  for (const name of ["Atomics", "SharedArrayBuffer", "navigator", "performance", "queueMicrotask"]) {
    delete globalThis[name];
  }
  const calls = new Map();
  const timers = new Map();
  let lastCall = 0;
  let lastTimer = 0;

  const shown = (value) => {
    if (typeof value === "object" && value !== null) return toText(stringify(value));
    return typeof value === "function" || typeof value === "symbol" ? "undefined" : toText(value);
  };
  // There may be no room for the rest a second time, and nobody reads it.
  const cut = (text) => apply(slice, text, [0, ${MAX_DESCRIBED_CHARACTERS}]);
  const make = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });

  const IMAGE = "image expects a non-empty image URL string, an object with image_url and optional detail, or a raw MCP image block";
  const showImage = (image, wantedDetail) => {
    let url;
    let detail = wantedDetail;
    if (typeof image === "string") url = image;
    else if (typeof image === "object" && image !== null) {
      if (image.type === "image" && typeof image.data === "string") {
        url = "data:" + (typeof image.mimeType === "string" ? image.mimeType : "image/png") + ";base64," + image.data;
        const meta = image._meta;
        if (typeof meta === "object" && meta !== null) detail ??= meta["codex/imageDetail"];
      } else {
        url = image.image_url;
        detail ??= image.detail;
      }
    }
    if (typeof url !== "string" || url === "") throw IMAGE;
    detail ??= "high";
    if (detail !== "auto" && detail !== "low" && detail !== "high" && detail !== "original") {
      throw "image detail must be one of: auto, low, high, original";
    }
    const scheme = apply(toLowerCase, url, []);
    if (apply(startsWith, scheme, ["http://"]) || apply(startsWith, scheme, ["https://"])) {
      throw "Tool call failed: remote image URLs are not supported in tool outputs. Pass a base64 data URI instead";
    }
    if (!apply(startsWith, scheme, ["data:"])) {
      throw "Tool call failed: invalid image output. Pass a base64 data URI instead";
    }
    host.image(stringify(url), detail);
  };

  make("text", (value) => { host.text(stringify(shown(value))); });
  make("image", (image, detail) => { showImage(image, detail); });
  make("generatedImage", (result) => {
    if (typeof result !== "object" || result === null) throw "generatedImage expects an object with image_url";
    showImage(result.image_url);
    if (typeof result.output_hint === "string" && result.output_hint !== "") host.text(stringify(result.output_hint));
  });
  make("notify", (value) => {
    const text = shown(value);
    if (text === "") throw "notify expects non-empty text";
    host.notify(stringify(text));
  });
  make("store", (key, value) => {
    const name = stringify(toText(key));
    const json = stringify(value);
    if (json === undefined) {
      throw "Unable to store " + name + ". Only plain serializable objects can be stored.";
    }
    host.store(name, json);
  });
  make("load", (key) => {
    const json = host.load(stringify(toText(key)));
    return json === undefined ? undefined : parse(json);
  });
  make("yield_control", () => { host.yielded(); });
  make("exit", () => {
    host.exit();
    // The host ends the script here, where nothing can catch it.
    for (;;);
  });
  make("setTimeout", (callback, delayMs) => {
    if (typeof callback !== "function") throw "setTimeout expects a function";
    if (apply(sizeOf, timers, []) >= ${CELL_LIMITS.pendingTimers}) throw "more than ${CELL_LIMITS.pendingTimers} timeouts are pending";
    const id = (lastTimer += 1);
    const delay = toNumber(delayMs);
    apply(put, timers, [id, callback]);
    host.startTimer(id, isFinite(delay) && delay > 0 ? delay : 0);
    return id;
  });
  make("clearTimeout", (id) => {
    if (apply(remove, timers, [id])) host.stopTimer(id);
  });

  const tools = {};
  const allTools = [];
  for (let index = 0; index < faces.length; index += 1) {
    const { name, description } = faces[index];
    allTools[index] = { name, description };
    tools[name] = (...given) => new NativePromise((resolve, reject) => {
      let json;
      try {
        json = given[0] === undefined ? undefined : stringify(given[0]);
      } catch (error) {
        reject(error instanceof NativeError ? apply(errorText, error, []) : toText(error));
        return;
      }
      if (apply(sizeOf, calls, []) >= ${CELL_LIMITS.pendingCalls}) {
        reject("more than ${CELL_LIMITS.pendingCalls} calls of tools are pending; await some of them first");
        return;
      }
      const id = (lastCall += 1);
      // What it throws rejects the promise.
      host.call(id, index, json);
      apply(put, calls, [id, { resolve, reject }]);
    });
  }
  make("tools", tools);
  make("ALL_TOOLS", allTools);

  return {
    settle(id, isResolved, json) {
      const call = apply(get, calls, [id]);
      if (call === undefined) return;
      apply(remove, calls, [id]);
      if (isResolved) call.resolve(parse(json));
      else call.reject(parse(json));
    },
    fire(id) {
      const callback = apply(get, timers, [id]);
      if (callback === undefined) return;
      apply(remove, timers, [id]);
      callback();
    },
    describe(error) {
      if (typeof error === "symbol") return { head: "", stack: "" };
      if (!(error instanceof NativeError)) return { head: cut(toText(error)), stack: "" };
      const { stack } = error;
      return { head: cut(apply(errorText, error, [])), stack: typeof stack === "string" ? cut(stack) : "" };
    },
  };
})`;
