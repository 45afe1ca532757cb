import type { BundleText } from "./read-own.ts";

/**
 * Takes away what a bundle does not need to stay interesting: lines of the log, payload files, elements of lists in
 * payloads, members of payloads. `maxTries` bounds how often `isInteresting` is asked.
 */
export async function minimise(
  files: BundleText,
  isInteresting: (files: BundleText) => Promise<boolean>,
  maxTries: number,
): Promise<BundleText> {
  const search = new Search(files, isInteresting, maxTries);
  await search.dropLines();
  await search.dropFiles();
  await search.dropParts();
  await search.dropLines();
  return search.files;
}

class Search {
  files: BundleText;
  readonly #isInteresting: (files: BundleText) => Promise<boolean>;
  #triesLeft: number;

  constructor(
    files: BundleText,
    isInteresting: (files: BundleText) => Promise<boolean>,
    maxTries: number,
  ) {
    this.files = files;
    this.#isInteresting = isInteresting;
    this.#triesLeft = maxTries;
  }

  /** Drops runs of lines, long ones first. */
  async dropLines(): Promise<void> {
    const lines = (): string[] => (this.files["trace.jsonl"] ?? "").split("\n");
    for (
      let size = Math.ceil(lines().length / 2);
      size > 0;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    )
      for (let at = lines().length - size; at >= 0; at -= size) {
        const left = lines().toSpliced(at, size);
        const isKept = (log: string[]): Promise<boolean> =>
          this.#try({ ...this.files, "trace.jsonl": log.join("\n") });
        // Schema 2 counts its lines.
        if (!(await isKept(left))) await isKept(renumbered(left));
      }
  }

  async dropFiles(): Promise<void> {
    for (const path of payloadPaths(this.files)) {
      const { [path]: _, ...rest } = this.files;
      await this.#try(rest);
    }
  }

  /** Drops elements and members of payloads that are JSON. */
  async dropParts(): Promise<void> {
    for (const path of payloadPaths(this.files)) await this.#dropPartsOf(path);
  }

  async #dropPartsOf(path: string): Promise<void> {
    const value = parse(this.files[path]);
    if (typeof value !== "object" || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      const { [name]: _, ...rest } = value as Record<string, unknown>;
      if (await this.#try({ ...this.files, [path]: JSON.stringify(rest) })) {
        await this.#dropPartsOf(path);
        return;
      }
      if (!Array.isArray(member)) continue;
      for (let at = member.length - 1; at >= 0; at -= 1) {
        const shorter = { ...value, [name]: (member as unknown[]).toSpliced(at, 1) };
        if (await this.#try({ ...this.files, [path]: JSON.stringify(shorter) })) {
          await this.#dropPartsOf(path);
          return;
        }
      }
    }
  }

  async #try(files: BundleText): Promise<boolean> {
    if (this.#triesLeft === 0) return false;
    this.#triesLeft -= 1;
    if (!(await this.#isInteresting(files))) return false;
    this.files = files;
    return true;
  }
}

function payloadPaths(files: BundleText): string[] {
  return Object.keys(files).filter((path) => path.startsWith("payloads/"));
}

function renumbered(lines: readonly string[]): string[] {
  return lines.map((line, index) => line.replace(/"seq":\d+/, `"seq":${index + 1}`));
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
