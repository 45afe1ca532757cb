// Puts the program and everything it uses into `dist`: one file per command and what several of them share. Why: see
// docs/decisions/0017. Run by `pnpm build`; the packages are taken from source.
//
//   node scripts/bundle.ts [FOLDER]
import { chmod, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
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
 * Importing `node:http` runs each of its getters, and one of them loads the WebSocket client of Node, which takes longer
 * than everything that is needed of it. Here it is taken from Node as `require` would, without what has a getter.
 */
const quickImports: Plugin = {
  name: "quick-imports",
  resolveId: (id, _importer, { kind }) =>
    SLOW_IMPORTS.has(id) && kind !== "require-call" ? `\0${id}` : undefined,
  load(id) {
    const name = id.slice(1);
    if (!id.startsWith("\0") || !SLOW_IMPORTS.has(name)) return undefined;
    const properties = Object.entries(
      Object.getOwnPropertyDescriptors(process.getBuiltinModule(name)),
    );
    const names = properties.filter(([, property]) => "value" in property).map(([key]) => key);
    return `const found = process.getBuiltinModule(${JSON.stringify(name)});
export default found;
export const { ${names.join(", ")} } = found;`;
  },
};
const SLOW_IMPORTS: ReadonlySet<string> = new Set(["node:http", "node:https"]);

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
