// Writes the page into `dist`, where the published package has it, and the licenses of what is in it.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePage } from "../src/page/bundle-page.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const { script, style, modules } = await bundlePage();
await mkdir(join(dist, "page"), { recursive: true });
await writeFile(
  join(dist, "page/built.js"),
  `export const pageScript = ${JSON.stringify(script)};\nexport const pageStyle = ${JSON.stringify(style)};\n`,
);
await writeFile(join(dist, "THIRD-PARTY-LICENSES.txt"), await licenses(modules));

/** Texts of the licenses of everything that is not ours. Rejects when a package has none. */
async function licenses(files: readonly string[]): Promise<string> {
  const packages = files.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]);
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
