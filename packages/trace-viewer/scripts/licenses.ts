import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Texts of the licenses of every package that modules of a bundle come from. Rejects when a package has none. */
export async function licenses(modules: readonly string[]): Promise<string> {
  // Names of modules that bundlers make up begin so.
  const files = modules.filter((id) => !id.startsWith("\0"));
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
