// Puts the program and everything it uses into `dist`: one file per command and what several of them share. Why: see
// docs/decisions/0017. Run by `pnpm build`; the packages are taken from source.
//
//   node scripts/bundle.ts [DIR]
import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { licenses } from "../../../packages/trace-viewer/scripts/licenses.ts";
import { bundlePage } from "../../../packages/trace-viewer/src/page/bundle-page.ts";
import { type OutputChunk, type OutputOptions, type Plugin, rolldown } from "rolldown";

/** Loaded from where the user installed them, if at all: they hold native code, or are many and for few people. */
const EXTERNAL = [
  // Has no license file that could be passed on.
  "@bomb.sh/tab",
  "@napi-rs/keyring",
  "@aws-sdk/credential-providers",
  "@smithy/shared-ini-file-loader",
  "@smithy/signature-v4",
  "@jitl/quickjs-ng-wasmfile-release-sync",
  "@modelcontextprotocol/client",
  // Look for their native parts beside themselves.
  "@lydell/node-pty",
  "sharp",
  "quickjs-emscripten-core",
  // `ws` tries these two and goes on without.
  "bufferutil",
  "utf-8-validate",
];

/**
 * Importing a module of Node runs each of its getters, and they load what is never used: streams with `node:fs`, the
 * standard streams with `node:process`, a WebSocket client with `node:http`. So of a module of Node only what is used
 * by name is taken, as `require` would take it.
 */
const quickImports: Plugin = {
  name: "quick-imports",
  resolveId: (id, importer, { kind }) =>
    isBuiltin(id) && kind !== "require-call" && !isRuntime(importer)
      ? `\0${canonicalName(id)}`
      : undefined,
  load(id) {
    const name = id.slice(1);
    if (!id.startsWith("\0") || !isBuiltin(name)) return undefined;
    const found = process.getBuiltinModule(name) as object;
    return LAZY_IMPORTS.has(name) ? lazyModule(name, found) : quickModule(name, found);
  },
};

/** Files the page of the viewer is made of: their licenses are passed on, too. */
const pageModules: string[] = [];

/** The page of the viewer, bundled as its package does it. */
const viewerPage: Plugin = {
  name: "viewer-page",
  resolveId: (id) => (id === "#page" ? "\0page" : undefined),
  async load(id) {
    if (id !== "\0page") return undefined;
    const { script, style, modules } = await bundlePage();
    pageModules.push(...modules);
    return `export const pageScript = ${JSON.stringify(script)};
export const pageStyle = ${JSON.stringify(style)};`;
  },
};

function quickModule(name: string, exported: object): string {
  const names = Object.keys(exported).filter((key) => /^\w+$/.test(key) && key !== "default");
  const lines = names.map((key) => `export const ${key} = /* @__PURE__ */ (() => found.${key})();`);
  return [
    `const found = process.getBuiltinModule(${JSON.stringify(name)});`,
    "export default found;",
    ...lines,
  ].join("\n");
}

/**
 * Imported on the way to every command and called by few. Their functions and constants load them; they have no other
 * exports in use.
 */
const LAZY_IMPORTS: ReadonlySet<string> = new Set([
  "node:child_process",
  "node:tls",
  "node:v8",
  "node:zlib",
]);

function lazyModule(name: string, exported: object): string {
  const members = Object.entries(exported).filter(
    ([key]) => /^[a-z]\w*$/.test(key) && key !== "default",
  );
  const lines = members.map(([key, value]) =>
    typeof value === "function"
      ? `export const ${key} = (...rest) => found().${key}(...rest);`
      : `export const ${key} = /* @__PURE__ */ new Proxy({}, { get: (_, name) => found().${key}[name] });`,
  );
  return [
    `const found = () => process.getBuiltinModule(${JSON.stringify(name)});`,
    ...lines,
    `export default { ${members.map(([key]) => key).join(", ")} };`,
  ].join("\n");
}

/**
 * `undici` loads all it has when it is imported: `fetch`, WebSockets, caches, mocks, and the modules of Node they need,
 * a fifth of a turn. So what every request uses is taken from its own files, and the rest is loaded by the
 * function that is called first. A build fails when these files are no longer where they are.
 */
const smallUndici: Plugin = {
  name: "small-undici",
  async resolveId(id, importer) {
    if (id !== "undici") return undefined;
    const whole = await this.resolve(id, importer, { skipSelf: true });
    return whole === null ? undefined : `\0small:${whole.id}`;
  },
  load(id) {
    if (!id.startsWith("\0small:")) return undefined;
    const whole = id.slice("\0small:".length);
    const file = (name: string): string => JSON.stringify(join(dirname(whole), "lib", name));
    const calls = UNDICI_CALLS.map(
      (name) => `export const ${name} = async (...rest) => (await whole()).${name}(...rest);`,
    );
    return [
      `import Dispatcher from ${file("dispatcher/dispatcher.js")};`,
      `import api from ${file("api/index.js")};`,
      `export { default as Agent } from ${file("dispatcher/agent.js")};`,
      `export { default as ProxyAgent } from ${file("dispatcher/proxy-agent.js")};`,
      `export { default as buildConnector } from ${file("core/connect.js")};`,
      "Object.assign(Dispatcher.prototype, api);",
      `const whole = async () => (await import(${JSON.stringify(whole)})).default;`,
      ...calls,
    ].join("\n");
  },
};

/** Functions of `undici` that few commands call. */
const UNDICI_CALLS = ["fetch", "request"];

/**
 * What `undici` does over HTTP/2 runs when a server offers that. Loaded before, it takes `node:http2` with it, which is a
 * twentieth of a turn.
 */
const lazyHttp2: Plugin = {
  name: "lazy-http2",
  async resolveId(id, importer) {
    if (!id.endsWith("/client-h2.js") || importer === undefined) return undefined;
    if (!/[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client\.js$/.test(importer)) return undefined;
    const found = await this.resolve(id, importer, { skipSelf: true });
    return found === null ? undefined : `\0late:${found.id}`;
  },
  load: (id) =>
    id.startsWith("\0late:")
      ? `module.exports = (...rest) => require(${JSON.stringify(id.slice("\0late:".length))})(...rest);`
      : undefined,
};

/**
 * In double parentheses V8 compiles every CommonJS module as soon as the file it is in, and all of them are in what is kept
 * of that: of `undici`, a third of which is used, as much again. rolldown 1.2 has an option for this
 * (`pifeForModuleWrappers`) that changes nothing.
 */
const lazyWrappers: Plugin = {
  name: "lazy-wrappers",
  renderChunk: (code) =>
    code.replaceAll(
      /__commonJSMin\((\(\([\w, ]*\) => \{\n[^]*?\n\}\))\)/g,
      (_, wrapped: string) => `__commonJSMin(${wrapped.slice(1, -1)})`,
    ),
};

/** What every file imports has to be understood by an older Node, which `main.js` tells that it is too old. */
function isRuntime(importer: string | undefined): boolean {
  return importer?.startsWith("\0rolldown/") === true;
}

function canonicalName(id: string): string {
  return id.startsWith("node:") ? id : `node:${id}`;
}

/**
 * What runs on the way to a quick command is kept together with all it imports: each further file costs more than its
 * contents do.
 */
const TOGETHER = ["run-process", "trace-reduce"].map((name, index) => ({
  name,
  test: new RegExp(`[\\\\/]apps[\\\\/]cli[\\\\/]src[\\\\/](?:commands[\\\\/])?${name}\\.ts$`),
  priority: 10 - 2 * index,
  includeDependenciesRecursively: true,
}));

/**
 * Few small files that the reducer shares with all that runs a turn: beside it, a turn would have to load the reducer. Not
 * derived from imports: what an index imports and nobody uses would be here, too. A test of the built program fails when one
 * is missing.
 */
const SHARED = {
  name: "shared",
  test: /[\\/](?:packages[\\/](?:protocol[\\/]src[\\/]json|rollout-trace[\\/]src[\\/](?:errors|format[\\/][\w-]+|json[\\/]nesting|schema[\\/][\w-]+|wire[\\/]records))|apps[\\/]cli[\\/]src[\\/]render[\\/]warn-on)\.ts$|^\0node:(?:buffer|zlib)$/,
  priority: 9,
  includeDependenciesRecursively: false,
};

const sources = {
  main: fileURLToPath(new URL("../src/main.ts", import.meta.url)),
  startScript: fileURLToPath(new URL("../src/start-script.ts", import.meta.url)),
  runProcess: fileURLToPath(new URL("../src/run-process.ts", import.meta.url)),
  isolateWorker: fileURLToPath(
    new URL("../../../packages/core/src/tools/code-mode/isolate-worker.ts", import.meta.url),
  ),
};
const folder = resolve(process.argv[2] ?? fileURLToPath(new URL("../dist", import.meta.url)));

/** All of the program but its first file. Scripts, because the code that is compiled of them can be kept: 0018. */
const program = await bundle(
  sources.runProcess,
  [viewerPage, quickImports, smallUndici, lazyHttp2, lazyWrappers],
  {
    format: "cjs",
    // As modules are.
    strict: true,
    // Half the memory of a source with one other letter in it.
    charset: "ascii",
    // All in one folder: the manifest is looked for one above. The hash of the contents is what compiled code is kept by.
    entryFileNames: "[name]-[hash].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    codeSplitting: { groups: [...TOGETHER, SHARED] },
    // In a script that did not come by `require`, Node warns of `import()`.
    dynamicImportInCjs: false,
  },
);
const firstScript = program.find(({ isEntry }) => isEntry)?.fileName ?? "";

/** Takes the place of `start.ts`, which starts the program from source. */
const startsScripts: Plugin = {
  name: "starts-scripts",
  resolveId: (id) => (id === "./start.ts" ? "\0start" : undefined),
  load: (id) =>
    id === "\0start"
      ? `import { startScript } from ${JSON.stringify(sources.startScript)};
export const start = () => startScript(import.meta.dirname, ${JSON.stringify(firstScript)});`
      : undefined,
};
const main = await bundle(sources.main, [startsScripts, quickImports], {
  format: "esm",
  entryFileNames: "[name].js",
  codeSplitting: false,
});

/** The file threads run that hold a script of the model's; core looks for it under this name. */
const isolateWorker = await bundle(sources.isolateWorker, [quickImports], {
  format: "esm",
  entryFileNames: "isolate-worker.js",
  codeSplitting: false,
});

const chunks = [...main, ...program, ...isolateWorker];
const notices = await licenses([...chunks.flatMap(({ moduleIds }) => moduleIds), ...pageModules]);
// Now that it can be built; files of an earlier build would be published too. The declarations are the compiler's.
await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) {
  if (name !== "types") await rm(join(folder, name), { recursive: true });
}
for (const { fileName, code } of chunks) await writeFile(join(folder, fileName), asciiOnly(code));
await writeFile(join(folder, "THIRD-PARTY-LICENSES.txt"), notices);
// A bin has to start from a checkout too.
await chmod(join(folder, "main.js"), 0o755);

/** `charset` leaves comments as they are, and scripts are read as ASCII. */
function asciiOnly(code: string): string {
  return code.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The files made of `input` and everything it imports. */
async function bundle(
  input: string,
  plugins: readonly Plugin[],
  output: OutputOptions,
): Promise<OutputChunk[]> {
  const build = await rolldown({
    input,
    // Else the entry is one more file that only names another one.
    preserveEntrySignatures: "allow-extension",
    platform: "node",
    external: EXTERNAL,
    plugins: [...plugins],
    resolve: { conditionNames: ["@codex-ts/source", "node", "import", "default"] },
    logLevel: "warn",
  });
  try {
    const comments = { legal: true, annotation: false, jsdoc: false };
    const { output: files } = await build.generate({ ...output, comments });
    return files.filter((file) => file.type === "chunk");
  } finally {
    await build.close();
  }
}
