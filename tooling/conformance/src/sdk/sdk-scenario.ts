import type { Exchange } from "@codex-ts/responses-server";
import type { Codex, CodexOptions } from "@openai/codex-sdk";

/** What a scenario has to work with. */
export interface SdkContext {
  /** Makes the SDK's client for the program; options of the scenario are added. */
  readonly codex: (options?: CodexOptions) => Codex;
  /** Directory the agent works in. It holds `dot.png`. */
  readonly workspace: string;
  readonly serverUrl: string;
  /** Resolves when the server has received a request. */
  readonly requested: () => Promise<void>;
}

/** One use of the official SDK, the same for the real program and ours. */
export interface SdkScenario {
  readonly name: string;
  readonly script: readonly Exchange[];
  /** Versions of the SDK that have what is used. Default: all. */
  readonly sdks?: readonly SdkVersion[];
  /** Drives the SDK and returns what it told, as JSON. */
  readonly drive: (context: SdkContext) => Promise<unknown>;
  /** Requests come in any order. Default false. */
  readonly isParallel?: boolean;
}

/** Versions of the SDK that are installed: the newest there is, and that of the older generation. */
export type SdkVersion = "0.163.0" | "0.140.0";
