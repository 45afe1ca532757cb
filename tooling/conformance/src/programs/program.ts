import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Compatibility } from "@codex-ts/protocol";
import type { ComparableRun } from "../compare/comparable.ts";

/** A command line that runs a turn the way `codex exec` does. */
export interface Program {
  readonly name: string;
  readonly command: string;
  /** Put before `exec`. */
  readonly args: readonly string[];
  /** Put after the arguments both programs get. */
  readonly execArgs: readonly string[];
  /** Variables for the sake of its runtime. */
  readonly env: Readonly<Record<string, string>>;
}

const CLI = fileURLToPath(new URL("../../../../apps/cli/", import.meta.url));

/** The real program. */
export function realCodex(version: string, binary: string): Program {
  return { name: `codex ${version}`, command: binary, args: [], execArgs: [], env: {} };
}

/** Ours: from source, or as it was built. */
export function ownCodex(options: { readonly from: "source" | "build" }): Program {
  const isSource = options.from === "source";
  return {
    name: "codex-ts",
    command: process.execPath,
    args: isSource
      ? ["--conditions=@codex-ts/source", `${CLI}src/main.ts`]
      : [`${CLI}dist/main.js`],
    execArgs: [],
    // Stripping types from the sources of all packages is most of the start-up time from source.
    env: isSource ? { NODE_COMPILE_CACHE: join(tmpdir(), "codex-ts-test-compile-cache") } : {},
  };
}

/** Ours, as the real program of a generation, with its beta features. Today's generation is what ours is by itself. */
export function likeCodex(
  program: Program,
  compatibility: Compatibility,
  betaFeatures: readonly string[],
): Program {
  const features = ["-c", `beta_features=${JSON.stringify(betaFeatures)}`];
  const generation = compatibility === "0.171" ? [] : ["-c", `compatibility="${compatibility}"`];
  return { ...program, execArgs: [...features, ...generation] };
}

/** Beta features that a run says are switched on. */
export function betaFeaturesOf({ handshakes, requests }: ComparableRun): string[] {
  const header = [...handshakes, ...requests]
    .map(({ headers }) => headers["x-codex-beta-features"])
    .find((value) => typeof value === "string");
  return header?.split(",") ?? [];
}
