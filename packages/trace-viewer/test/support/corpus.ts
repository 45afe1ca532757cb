import { globSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Recorded bundles of Codex, which are not part of the repository. */
const CORPUS = fileURLToPath(new URL("../../../../../shared/conformance", import.meta.url));

/** Directories of all recorded bundles, of every schema. */
export function corpusBundles(): readonly string[] {
  return globSync(`${CORPUS}/bundles*/**/manifest.json`)
    .map((file) => dirname(file))
    .toSorted();
}
