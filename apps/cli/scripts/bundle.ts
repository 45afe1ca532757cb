// Puts the program and everything it uses into `dist`: one file per command and what several of them share. Why: see
// docs/decisions/0017. Run by `pnpm build`; the packages are taken from source.
//
//   node scripts/bundle.ts [FOLDER]
import { chmod, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

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

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "dist"));

// Files of an earlier build would be published too; the declarations are the compiler's.
for (const entry of await readdir(folder).catch(() => [])) {
  if (entry !== "types") await rm(join(folder, entry), { recursive: true });
}
const bundle = await rolldown({
  input: join(root, "src", "main.ts"),
  platform: "node",
  external: EXTERNAL,
  resolve: { conditionNames: ["@codex-ts/source", "node", "import", "default"] },
  logLevel: "warn",
});
try {
  const { output } = await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    // All in one folder: the manifest is looked for one above.
    chunkFileNames: "[name]-[hash].js",
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
  await writeFile(join(folder, "THIRD-PARTY-LICENSES.txt"), await licenses(modules));
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
