import type { JsonValue } from "@codex-ts/protocol";
import type { Script } from "@codex-ts/responses-server";

/** One run of a program in the life of a session. */
export interface SessionRun {
  /** `revert`: an app server takes the last turns back; the prompt is not said. */
  readonly how: "new" | "resume" | "resume_last" | "fork" | "revert";
  /** How many turns are taken back, compactions that were asked for among them. Default: 1. */
  readonly turns?: number;
  readonly prompt: string;
  readonly script: Script;
  /** Sent SIGINT when a command has begun. */
  readonly isInterrupted?: boolean;
  /** Killed a while after the model was asked this often. */
  readonly killedAtRequest?: number;
  /** Working directory below that of the session. Default: that of the session. */
  readonly directory?: string;
  /** Files of the working directory that are written before the run, by relative path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Files of the working directory that are shown to the model. */
  readonly images?: readonly string[];
  /** Slug of the model. Default: the first. */
  readonly model?: string;
}

/** A check in which `codex-ts` is known to differ. */
interface SessionGap {
  readonly generation: string;
  /** As the comparison names it. */
  readonly check: string;
  readonly reason: string;
}

/** A session, run by run. The last run is also made by the other program. */
export interface SessionScenario {
  readonly name: string;
  readonly runs: readonly SessionRun[];
  /** TOML put before the tables of the configuration file. Default: no permissions instructions. */
  readonly config?: string;
  /** Members of the model that are not those of every comparison. */
  readonly model?: Readonly<Record<string, JsonValue>>;
  /** Further models, each by what it has that the other lacks; a `slug` at least. */
  readonly furtherModels?: readonly Readonly<Record<string, JsonValue>>[];
  /** Files of the working directory, by relative path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Files of the home, by relative path. */
  readonly homeFiles?: Readonly<Record<string, string>>;
  /** Whether the model reads of skills. Default false. */
  readonly hasSkills?: boolean;
  /** Whether Codex alone keeps it and `codex-ts` only goes on with it: it does something `codex-ts` does not. */
  readonly isKeptByCodexOnly?: boolean;
  /** Name of the provider. Default `mock`; what is done with `OpenAI` may be something else. */
  readonly providerName?: string;
  /** Checks that are known to fail, which fails the comparison once they do not. */
  readonly gaps?: readonly SessionGap[];
  /** Generations that know what is done here. Default: all. */
  readonly generations?: readonly string[];
}
