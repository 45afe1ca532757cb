import type { DecidedFact } from "../compare/decided-facts.ts";
import type { JsonValue } from "@codex-ts/protocol";
import type { Handshake, Script } from "@codex-ts/responses-server";

/** Something both programs are made to do. Each gets a server of its own with the same script. */
export interface LiveScenario {
  readonly name: string;
  readonly script: Script;
  /** Responses to WebSocket upgrades. Default: accepted. */
  readonly handshakes?: readonly Handshake[];
  /** Default `go`. */
  readonly prompt?: string;
  /** TOML put before the tables of the configuration file. Default: no permissions instructions. */
  readonly config?: string;
  /** TOML in the place of `web_search = "disabled"`. */
  readonly settings?: string;
  /** Names of features that are switched on. */
  readonly features?: readonly string[];
  /** Names of features that are switched off besides those of every run. */
  readonly featuresOff?: readonly string[];
  /** TOML put into the provider table. */
  readonly provider?: string;
  /** Members of the model that are not those of every comparison. */
  readonly model?: Readonly<Record<string, JsonValue>>;
  /** Further models, each by what it has that the other lacks; a `slug` at least. */
  readonly furtherModels?: readonly Readonly<Record<string, JsonValue>>[];
  /** Files of the working directory, by relative path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Whether commands run at the same time, so that the order of their events says nothing. */
  readonly hasParallelCommands?: boolean;
  /** Whether git takes its time, so that who does not wait for it knows nothing of it at first. Default false. */
  readonly hasSlowGit?: boolean;
  /** Where ours is decided to do otherwise than the real program: what it does instead is compared, too. */
  readonly decided?: readonly DecidedFact[];
  /** Whether it is run without a trace as well: where a trace could make a difference. Default false. */
  readonly runsUntraced?: boolean;
  /** Git commands run in the working directory before both programs start. */
  readonly git?: readonly (readonly string[])[];
}
