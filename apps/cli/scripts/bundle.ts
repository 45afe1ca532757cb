// Puts the program and everything it uses into `dist`: one file per command and what several of them share. Why: see
// docs/decisions/0017. Run by `pnpm build`; the packages are taken from source.
//
//   node scripts/bundle.ts [FOLDER]
import { chmod, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";

/** Loaded from where the user installed them, if at all: they hold native code, or are many and for few people. */
const EXTERNAL = [
  "@napi-rs/keyring",
  "@aws-sdk/credential-providers",
  "@smithy/shared-ini-file-loader",
  "@smithy/signature-v4",
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
    const names = Object.keys(found).filter((key) => /^\w+$/.test(key) && key !== "default");
    return LAZY_IMPORTS.has(name) ? lazyModule(name, names) : quickModule(name, names);
  },
};

function quickModule(name: string, names: readonly string[]): string {
  const lines = names.map((key) => `export const ${key} = /* @__PURE__ */ (() => found.${key})();`);
  return [
    `const found = process.getBuiltinModule(${JSON.stringify(name)});`,
    "export default found;",
    ...lines,
  ].join("\n");
}

/** Imported on the way to every command and called by few. Their functions load them; they have no other exports in use. */
const LAZY_IMPORTS: ReadonlySet<string> = new Set(["node:child_process"]);

function lazyModule(name: string, names: readonly string[]): string {
  const functions = names.filter((key) => /^[a-z]/.test(key));
  const lines = functions.map(
    (key) => `export const ${key} = (...rest) => found().${key}(...rest);`,
  );
  return [
    `const found = () => process.getBuiltinModule(${JSON.stringify(name)});`,
    ...lines,
    `export default { ${functions.join(", ")} };`,
  ].join("\n");
}

/** What every file imports has to be understood by an older Node, which `main.js` tells that it is too old. */
function isRuntime(importer: string | undefined): boolean {
  return importer?.startsWith("\0rolldown/") === true;
}

function canonicalName(id: string): string {
  return id.startsWith("node:") ? id : `node:${id}`;
}

/**
 * What runs on the way to a quick command is kept together with all it imports: each further file costs more than its
 * contents do. The compile cache comes first, because only what is loaded after it is kept.
 */
const TOGETHER = ["compile-cache", "run-process", "trace-reduce"].map((name, index) => ({
  name,
  test: new RegExp(`[\\\\/]apps[\\\\/]cli[\\\\/]src[\\\\/](?:commands[\\\\/])?${name}\\.ts$`),
  priority: 10 - index,
  includeDependenciesRecursively: true,
}));

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "dist"));

const bundle = await rolldown({
  input: join(root, "src", "main.ts"),
  platform: "node",
  external: EXTERNAL,
  plugins: [quickImports],
  resolve: { conditionNames: ["@codex-ts/source", "node", "import", "default"] },
  logLevel: "warn",
});
try {
  const { output } = await bundle.generate({
    format: "esm",
    entryFileNames: "[name].js",
    // All in one folder: the manifest is looked for one above.
    chunkFileNames: "[name]-[hash].js",
    codeSplitting: { groups: TOGETHER },
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  const chunks = output.filter((file) => file.type === "chunk");
  const notices = await licenses(chunks.flatMap(({ moduleIds }) => moduleIds));
  // Now that it can be built; files of an earlier build would be published too. The declarations are the compiler's.
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder)) {
    if (entry !== "types") await rm(join(folder, entry), { recursive: true });
  }
  for (const { fileName, code } of chunks) await writeFile(join(folder, fileName), code);
  await writeFile(join(folder, "THIRD-PARTY-LICENSES.txt"), notices);
} finally {
  await bundle.close();
}
// A bin has to start from a checkout too.
await chmod(join(folder, "main.js"), 0o755);

/** Texts of the licenses of everything that is not ours. Rejects when a package has none. */
async function licenses(modules: readonly string[]): Promise<string> {
  const packages = modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]);
  const folders = [...new Set(packages.filter((path) => path !== undefined))].toSorted();
  const parts = folders.map(async (path) => {
    const { name, version } = JSON.parse(await readFile(join(path, "package.json"), "utf8")) as {
      readonly name: string;
      readonly version: string;
    };
    const file = (await readdir(path)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no license file to pass on`);
    return `${name} ${version}\n\n${(await readFile(join(path, file), "utf8")).trim()}\n`;
  });
  return (await Promise.all(parts)).join(`\n${"-".repeat(80)}\n\n`);
}
