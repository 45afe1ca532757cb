import type { Compatibility } from "@codex-ts/protocol";
import { temporaryDirectory } from "@codex-ts/test-support";
import type { Difference } from "../../src/compare/differences.ts";
import { KnownDifferences, readKnownDifferences } from "../../src/compare/known-differences.ts";
import { readRecordedScenario } from "../../src/recorded/recorded-scenario.ts";
import type { replayThread } from "../../src/recorded/replay-thread.ts";
import { ATTEMPTS, INTERRUPTS } from "../../src/recorded/scenarios.ts";

/** Plays recordings, each once, and takes the differences of a list out of what it finds. */
export class Replays {
  readonly #play: typeof replayThread;
  readonly #compatibility: Compatibility;
  readonly #list: URL | undefined;
  readonly #played = new Map<string, Promise<Difference[]>>();

  /** `list` is the name of a file in `differences/`; without one nothing may differ. */
  constructor(play: typeof replayThread, compatibility: Compatibility, list?: string) {
    this.#play = play;
    this.#compatibility = compatibility;
    this.#list =
      list === undefined ? list : new URL(`../../differences/${list}.json`, import.meta.url);
  }

  /** What of the requests differs and is not meant to. */
  async unknownDifferences(name: string): Promise<Difference[]> {
    const unknown = await this.#unknown(name);
    return unknown.filter(({ field }) => !isOfTrace(field));
  }

  /** What of the reduced trace differs and is not meant to. */
  async unknownTraceDifferences(name: string): Promise<Difference[]> {
    const unknown = await this.#unknown(name);
    return unknown.filter(({ field }) => isOfTrace(field));
  }

  /** What stands on the list and occurs in none of the recordings. */
  async unusedEntries(names: readonly string[]): Promise<readonly object[]> {
    const known = this.#known();
    for (const name of names) known.unknown(name, await this.#differences(name));
    return known.unused;
  }

  async #unknown(name: string): Promise<Difference[]> {
    return this.#known().unknown(name, await this.#differences(name));
  }

  #known(): KnownDifferences {
    return new KnownDifferences(this.#list === undefined ? [] : readKnownDifferences(this.#list));
  }

  #differences(name: string): Promise<Difference[]> {
    const played = this.#played.get(name) ?? this.#run(name);
    this.#played.set(name, played);
    return played;
  }

  async #run(name: string): Promise<Difference[]> {
    let found = await this.#runOnce(name);
    for (let attempt = 1; attempt < (ATTEMPTS[name] ?? 1); attempt += 1) {
      if (this.#known().unknown(name, found).length === 0) break;
      found = await this.#runOnce(name);
    }
    return found;
  }

  async #runOnce(name: string): Promise<Difference[]> {
    await using directory = await temporaryDirectory();
    const interrupt = INTERRUPTS[name];
    return await this.#play(readRecordedScenario(name, this.#compatibility), {
      folder: directory.path,
      interrupt,
    });
  }
}

function isOfTrace(field: string): boolean {
  return field.startsWith("trace.");
}
