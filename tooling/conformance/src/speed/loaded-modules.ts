import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ProcessCommand, runProcess } from "../programs/process.ts";

/** What a program of ours loaded from one package. */
export interface LoadedPackage {
  readonly name: string;
  readonly files: number;
  readonly kib: number;
}

/** Runs a program of ours once and lists the packages it loaded, the one with most files first. */
export async function loadedPackages(
  process: ProcessCommand,
  modulesFile: string,
): Promise<LoadedPackage[]> {
  const hooks = fileURLToPath(new URL("count-modules.ts", import.meta.url));
  await runProcess({
    ...process,
    args: [`--import=${hooks}`, ...process.args],
    env: { ...process.env, MODULES_FILE: modulesFile },
  });
  const modules = JSON.parse(await readFile(modulesFile, "utf8")) as readonly {
    url: string;
    bytes: number;
  }[];
  const files = modules.filter(
    ({ url }) => url.startsWith("file:") && !url.endsWith("count-modules.ts"),
  );
  return [...Map.groupBy(files, ({ url }) => packageOf(url))]
    .map(([name, ofPackage]) => ({
      name,
      files: ofPackage.length,
      kib: Math.round(ofPackage.reduce((sum, { bytes }) => sum + bytes, 0) / 1024),
    }))
    .toSorted((left, right) => right.files - left.files);
}

function packageOf(url: string): string {
  const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return installed ?? /\/((?:packages|apps)\/[^/]+)\//.exec(url)?.[1] ?? "other";
}
