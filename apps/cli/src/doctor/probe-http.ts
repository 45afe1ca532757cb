import { type AnyApiError, ApiError, ModelsClient, type Network } from "@codex-ts/api";
import { ProviderError } from "@codex-ts/model-provider";
import { type JsonValue, isJsonObject } from "@codex-ts/protocol";
import type { Credential } from "./credential.ts";

/** Longest wait for one probe. */
export const PROBE_TIMEOUT_MS = 10_000;

/** Outcome of `GET models`. */
export interface HttpProbe {
  /** Of the last response; `undefined`: none came. */
  readonly status: number | undefined;
  /** Models the provider offers; `undefined`: it gave no list. */
  readonly models: readonly string[] | undefined;
  readonly error: AnyApiError | undefined;
  /** How far the clock of this machine is ahead of the server's, in milliseconds. */
  readonly aheadMs: number | undefined;
  /** Why the login was refused and could not be renewed. */
  readonly renewalProblem: string | undefined;
}

/**
 * Asks the provider for its models: the one request that shows address, certificate, credential and clock, and that no
 * model sees. A refused login is renewed as a turn would do it. Rejects with the reason of `signal` only.
 */
export async function probeHttp(
  { provider, apiProvider, auth }: Credential,
  {
    network,
    version,
    signal,
  }: {
    readonly network: Network;
    /** The version of Codex whose models are asked for. */
    readonly version: string;
    readonly signal: AbortSignal;
  },
): Promise<HttpProbe> {
  const recovery = provider.unauthorizedRecovery?.();
  let current = auth;
  for (;;) {
    const outcome = await listModels(
      new ModelsClient({
        provider: { ...apiProvider, retry: { ...apiProvider.retry, maxRetries: 0 } },
        auth: current,
        dispatcher: network.dispatcher,
      }),
      { version, signal },
    );
    if (outcome.status !== 401 || recovery?.hasNext() !== true) return outcome;
    try {
      await recovery.next(signal);
      current = await provider.apiAuth();
    } catch (error) {
      signal.throwIfAborted();
      if (!ProviderError.is(error)) throw error;
      return { ...outcome, renewalProblem: error.message };
    }
  }
}

async function listModels(
  client: ModelsClient,
  { version, signal }: { readonly version: string; readonly signal: AbortSignal },
): Promise<HttpProbe> {
  let status: number | undefined;
  let aheadMs: number | undefined;
  const observer = {
    onAttemptResponded(response: {
      readonly status: number;
      readonly responseHeaders: readonly (readonly [string, string])[];
    }) {
      ({ status } = response);
      const date = response.responseHeaders.find(([name]) => name === "date")?.[1];
      const serverMs = Date.parse(date ?? "");
      // The server names whole seconds.
      if (!Number.isNaN(serverMs)) aheadMs = Date.now() - (serverMs + 500);
    },
  };
  try {
    const options = { timeoutMs: PROBE_TIMEOUT_MS, observer, signal };
    const { models } = await client.list(version, options);
    return {
      status,
      models: models.map(nameOf).filter((name) => name !== ""),
      error: undefined,
      aheadMs,
      renewalProblem: undefined,
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!ApiError.is(error)) throw error;
    return { status, models: undefined, error, aheadMs, renewalProblem: undefined };
  }
}

/** Codex's back end calls it `slug`, other servers `id`. */
function nameOf(model: JsonValue): string {
  const { slug, id } = isJsonObject(model) ? model : {};
  const name = slug ?? id;
  return typeof name === "string" ? name : "";
}
