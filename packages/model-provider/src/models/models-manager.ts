import { createHash } from "node:crypto";
import { ApiError, HeaderBag, ModelsClient } from "@codex-ts/api";
import { type ModelInfo, isHumanChatGptAccount, readModelInfo } from "@codex-ts/protocol";
import type { Dispatcher } from "undici";
import { usesCodexBackend } from "../auth/codex-backend.ts";
import { ProviderError } from "../errors.ts";
import { errorCode } from "../internal/error-code.ts";
import { Mutex } from "../internal/mutex.ts";
import type { ModelProvider } from "../model-provider.ts";
import { BUNDLED_MODELS } from "./bundled.ts";
import { type CachedModels, isFresh, readCachedModels, writeCachedModels } from "./cache.ts";
import { type FoundModelInfo, findModelInfo } from "./catalog.ts";
import type { FallbackModelOptions } from "./fallback.ts";

const FETCH_TIMEOUT_MS = 5_000;

const NO_METADATA = "none of its entries describes a model the way Codex's backend does";

/** When the provider is asked: always, never, or when the cache is too old. */
export type ModelsStrategy = "online" | "offline" | "online_if_uncached";

/** Options of {@link ModelsManager}. */
export interface ModelsManagerOptions extends FallbackModelOptions {
  readonly provider: ModelProvider;
  /** Directory of the cache, shared with Codex. */
  readonly codexHome: string;
  /** e.g. `0.140.0`; a cache of another version is not used. */
  readonly clientVersion: string;
  /** A catalog from the configuration; replaces every other source, and nobody is asked. */
  readonly catalog?: readonly ModelInfo[] | undefined;
  /** `originator`, `user-agent` and other headers every request of the client carries. */
  readonly clientHeaders?: Iterable<readonly [string, string]> | undefined;
  /** Default: undici's global dispatcher. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Told when the provider could not be asked. Default: nobody is. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/**
 * The models a provider offers: the configured catalog, else what the provider lists (cached for five minutes), else
 * the bundled list. A provider that cannot be asked is no error. Source: docs/behavior/model-provider.md 15.
 */
export class ModelsManager {
  readonly #options: ModelsManagerOptions;
  readonly #now: () => number;
  readonly #mutex = new Mutex();
  #current: CachedModels | undefined;

  constructor(options: ModelsManagerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** The list in use. Default strategy: `online_if_uncached`. */
  async models(strategy: ModelsStrategy = "online_if_uncached"): Promise<readonly ModelInfo[]> {
    const { catalog } = this.#options;
    if (catalog !== undefined) return catalog;
    const audience = await this.#audience();
    if (audience === undefined) return BUNDLED_MODELS;
    await this.#mutex.run(() => this.#update(strategy, audience));
    return merge(this.#current?.models ?? [], audience.isChatgptAccount);
  }

  /** Metadata of one model; see `findModelInfo`. */
  async find(model: string, strategy?: ModelsStrategy): Promise<FoundModelInfo> {
    return findModelInfo(await this.models(strategy), model, this.#options);
  }

  /** Etag of the list in use, as the provider sent it. */
  etag(): string | undefined {
    return this.#current?.etag;
  }

  /**
   * Takes note of the etag a response reported (`x-models-etag`): the known one makes the list fresh again, another one
   * makes it be fetched once.
   */
  async noteEtag(etag: string): Promise<void> {
    const audience = this.#options.catalog === undefined ? await this.#audience() : undefined;
    if (audience === undefined) return;
    await this.#mutex.run(async () => {
      // Another process, or another manager of this one, may have fetched it.
      if (etag !== this.#current?.etag) this.#current = this.#cached(audience) ?? this.#current;
      if (etag === this.#current?.etag) {
        await this.#keep({ ...this.#current, fetchedAtMs: this.#now() });
      } else {
        await this.#fetch(audience);
      }
    });
  }

  async #update(strategy: ModelsStrategy, audience: Audience): Promise<void> {
    if (this.#current?.identity !== audience.identity) this.#current = undefined;
    if (strategy !== "online") {
      this.#current ??= this.#cached(audience);
      const isUsable = this.#current !== undefined && isFresh(this.#current, this.#now());
      if (strategy === "offline" || isUsable) return;
    }
    await this.#fetch(audience);
  }

  #cached({ identity }: Audience): CachedModels | undefined {
    const { codexHome, clientVersion } = this.#options;
    return readCachedModels(codexHome, { clientVersion, identity });
  }

  async #fetch({ identity }: Audience): Promise<void> {
    const { provider, clientVersion, warn } = this.#options;
    try {
      const client = new ModelsClient({
        provider: await provider.apiProvider(),
        auth: await provider.apiAuth(),
        clientHeaders: this.#options.clientHeaders,
        dispatcher: this.#options.dispatcher,
      });
      const version = releaseOf(clientVersion);
      // For all attempts together: nobody waits for a list that has a stand-in.
      const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
      const response = await client.list(version, { signal });
      const entries = response.models.map((model) => readModelInfo(model));
      // One entry of a newer kind must not hide all others.
      const models = entries.filter((model) => model !== undefined);
      // Codex reads the cache too: a list without a usable entry, such as the standard one, must not get into it.
      if (models.length === 0 && entries.length > 0) {
        warn?.(`the model list of provider ${provider.id} could not be used: ${NO_METADATA}`);
        return;
      }
      await this.#keep({
        fetchedAtMs: this.#now(),
        etag: response.etag,
        clientVersion,
        identity,
        models,
      });
    } catch (error) {
      warn?.(`the model list of provider ${provider.id} could not be fetched: ${describe(error)}`);
    }
  }

  async #keep(models: CachedModels): Promise<void> {
    this.#current = models;
    await writeCachedModels(this.#options.codexHome, models).catch((error: unknown) => {
      this.#options.warn?.(`the model list could not be cached: ${errorCode(error)}`);
    });
  }

  /** Whom a list is for; `undefined` where the provider is not asked because it lists nothing. */
  async #audience(): Promise<Audience | undefined> {
    const { provider } = this.#options;
    const mode = await provider.authMode?.();
    const hasList =
      provider.info.auth !== undefined || (mode !== undefined && usesCodexBackend(mode));
    if (!hasList) return undefined;
    const { baseUrl } = await provider.apiProvider();
    const headers = new HeaderBag();
    (await provider.apiAuth()).addAuthHeaders(headers);
    const parts = [provider.id, baseUrl, mode ?? "", headers.get("chatgpt-account-id") ?? ""];
    return {
      identity: createHash("sha256").update(JSON.stringify(parts)).digest("hex"),
      isChatgptAccount: mode !== undefined && isHumanChatGptAccount(mode),
    };
  }
}

interface Audience {
  readonly identity: string;
  readonly isChatgptAccount: boolean;
}

/** A list meant for people replaces ours; any other list is laid over it by slug. */
function merge(fetched: readonly ModelInfo[], isChatgptAccount: boolean): readonly ModelInfo[] {
  const isForPeople = fetched.some((model) => model.visibility === "list");
  if (isChatgptAccount && isForPeople) return fetched;
  const bySlug = new Map([...BUNDLED_MODELS, ...fetched].map((model) => [model.slug, model]));
  return [...bySlug.values()];
}

/** `1.2.3-beta` is asked for as `1.2.3`. */
function releaseOf(version: string): string {
  return /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version;
}

/** Messages of the transport quote responses, so only facts are taken from its errors. */
function describe(error: unknown): string {
  if (ProviderError.is(error)) return error.message;
  if (!ApiError.is(error)) return error instanceof Error ? error.name : "unknown error";
  if (error.code === "http_status") return `status ${error.status}`;
  return error.code === "network" ? error.detail : error.code;
}
