import { existsSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where recordings are, if they are anywhere. */
export const CORPUS_FOLDERS: string[] = ["bundles", "bundles-schema3"].map((folder) =>
  fileURLToPath(new URL(`../../../../shared/conformance/${folder}`, import.meta.url)),
);

/** A bundle of the corpus with what the real reducer of the same version made of it. */
export interface RecordedBundle {
  /** Path inside the corpus. */
  readonly name: string;
  readonly path: string;
  /** A copy that was damaged on purpose. */
  readonly isDamaged: boolean;
  /** The real reducer's state; `undefined` when it refused the bundle. */
  readonly expectedStateFile: string | undefined;
}

/** Every directory of the corpus with an `expected-state.json` or an `expected-error.txt`, sorted by name. */
export function findRecordedBundles(corpus: string): RecordedBundle[] {
  const folders = readdirSync(corpus, { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)expected-(state\.json|error\.txt)$/.test(file))
    .map((file) => join(corpus, dirname(file)));
  return [...new Set(folders)].toSorted().map((path) => {
    const state = join(path, "expected-state.json");
    const name = relative(corpus, path);
    return {
      name,
      path,
      isDamaged: name.split("/").includes("corrupted"),
      expectedStateFile: existsSync(state) ? state : undefined,
    };
  });
}
