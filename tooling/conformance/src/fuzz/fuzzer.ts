import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RealReducer } from "../live/real-reducer.ts";
import { disagreementWithReal, isVerdict } from "./compare-with-real.ts";
import { makeMutant } from "./drafts.ts";
import type { Drafts } from "./drafts.ts";
import { minimise } from "./minimise.ts";
import { readOwn } from "./read-own.ts";
import type { BundleText, Disagreement } from "./read-own.ts";
import { renderFiles } from "./shards.ts";

export interface FuzzerOptions {
  /** Whom it compares with, for people. */
  readonly codex: string;
  readonly drafts: Drafts;
  /** Without one, our ways of reading are compared among each other. */
  readonly real: RealReducer | undefined;
  /** Where the bundle that is being read is put. */
  readonly folder: string;
}

/** How often a bundle is read to make it smaller. */
const MAX_MINIMISING_TRIES = 400;

/** Between two lines of progress where lines cannot be overwritten. */
const MUTANTS_PER_LINE = 500;

/** Compares readers on one changed bundle after the other, and keeps those they do not agree on. */
export class Fuzzer implements AsyncDisposable {
  readonly #options: FuzzerOptions;
  #checked = 0;
  #accepted = 0;
  #crashed = 0;
  disagreements = 0;

  constructor(options: FuzzerOptions) {
    this.#options = options;
  }

  get summary(): string {
    const { codex } = this.#options;
    const crashes = this.#crashed === 0 ? "" : `, ${this.#crashed} without a verdict of Codex`;
    return (
      `${codex}: ${this.#checked} bundles, ${this.#accepted} accepted${crashes}, ` +
      `${this.disagreements} read in two ways`
    );
  }

  /** Reads the bundle of a seed in all ways. */
  async check(seed: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { name, changes, files } = makeMutant(this.#options.drafts, seed);
    const disagreement = await this.#disagreement(files, true);
    // Ctrl-C reaches the real reducer as well: what it says then is no verdict.
    if (signal.aborted) return;
    this.#checked += 1;
    this.#showProgress();
    if (disagreement === undefined) return;
    this.disagreements += 1;
    const small = await minimise(
      files,
      async (smaller) =>
        !signal.aborted && (await this.#disagreement(smaller))?.kind === disagreement.kind,
      MAX_MINIMISING_TRIES,
    );
    const { message } = (await this.#disagreement(small)) ?? disagreement;
    const kept = mkdtempSync(join(tmpdir(), `disagreement-${seed}-`));
    write(kept, small);
    this.#say(
      `FAIL ${this.#options.codex}, seed ${seed}: ${disagreement.kind}: ${message}\n` +
        `     ${name}: ${changes.join("; ")}\n     kept in ${kept}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.real?.[Symbol.asyncDispose]();
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  async #disagreement(files: BundleText, isCounted = false): Promise<Disagreement | undefined> {
    const { real, folder } = this.#options;
    const { verdict, disagreement } = await readOwn(files);
    if (disagreement !== undefined || real === undefined) {
      if (isCounted && verdict.isAccepted) this.#accepted += 1;
      return disagreement;
    }
    write(folder, files);
    const theirs = await real.reduce(folder);
    if (isCounted && theirs.isAccepted) this.#accepted += 1;
    if (isCounted && !isVerdict(theirs)) this.#crashed += 1;
    return disagreementWithReal(verdict, theirs);
  }

  #showProgress(): void {
    if (process.stdout.isTTY) process.stdout.write(`\r${this.summary}\u001B[K`);
    else if (this.#checked % MUTANTS_PER_LINE === 0) console.log(this.summary);
  }

  #say(text: string): void {
    console.log(process.stdout.isTTY ? `\r\u001B[K${text}` : text);
  }
}

function write(folder: string, files: BundleText): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(renderFiles(files))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, path), text, { mode: 0o600 });
  }
}
