import type { Network } from "@codex-ts/api";
import type { ThreadOptions } from "@codex-ts/core";
import { BUNDLED_MODELS, ModelsManager } from "@codex-ts/model-provider";
import type { ModelInfo } from "@codex-ts/model-provider";
import type { Compatibility } from "@codex-ts/protocol";
import { listVersion } from "./list-version.ts";

/** Who asks for a list, as the provider reads it. */
export interface ListClient {
  readonly originator: string;
  readonly userAgent: string;
}

/** Sources of the list of a provider. */
export interface ListSources {
  readonly provider: ThreadOptions["provider"];
  /** Configuration directory, which keeps the list, too. */
  readonly home: string;
  readonly client: ListClient;
  readonly network: Network;
  readonly compatibility?: Compatibility | undefined;
}

/** The models of a provider. */
export interface ListedModels {
  readonly models: readonly ModelInfo[];
  /** Whether these are what the provider offers this login, not those known without asking it. */
  readonly isComplete: boolean;
  /** Why the provider could not be asked, or its list not be kept. */
  readonly problem: string | undefined;
  /** Takes note of the version a response names; another one than that of `models` has the list fetched again. */
  readonly noteEtag: (etag: string) => void;
}

/**
 * The models the provider offers its login, as Codex asks for it: kept for five minutes, and without the provider's help the
 * models known to this program. Never rejects because of the provider.
 */
export async function listModels({
  provider,
  home,
  client,
  network,
  compatibility = "0.171",
}: ListSources): Promise<ListedModels> {
  let problem: string | undefined;
  const manager = new ModelsManager({
    provider,
    codexHome: home,
    clientVersion: listVersion(compatibility),
    compatibility,
    clientHeaders: [
      ["originator", client.originator],
      ["user-agent", client.userAgent],
    ],
    dispatcher: network.dispatcher,
    warn: (message) => (problem ??= message),
  });
  const models = await manager.models();
  return {
    models,
    isComplete: models !== BUNDLED_MODELS && problem === undefined,
    problem,
    // A list that cannot be fetched stays as it is.
    noteEtag: (etag) => void manager.noteEtag(etag).catch(() => undefined),
  };
}
