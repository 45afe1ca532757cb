import { DEFAULT_PROVIDER_ID } from "./builtin-providers.ts";
import { ProviderConfigError } from "./errors.ts";
import { type ParseModelProvidersOptions, parseModelProviders } from "./parse-model-providers.ts";
import type { ModelProviderInfo } from "./provider-info.ts";
import { CHECKED_ONCE, shapeError } from "./provider-schema.ts";
import { z } from "zod";

/** Options of {@link selectModelProvider}. */
export interface SelectModelProviderOptions extends Omit<
  ParseModelProvidersOptions,
  "openaiBaseUrl"
> {
  /** The configuration file as parsed; only `model_provider`, `model_providers` and `openai_base_url` are read. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Wins over `config.model_provider`, e.g. from the command line. */
  readonly id?: string | undefined;
}

/** The active provider and all others. */
export interface SelectedModelProvider {
  readonly id: string;
  readonly info: ModelProviderInfo;
  /** Every provider that could be selected, built-in ones included. */
  readonly providers: ReadonlyMap<string, ModelProviderInfo>;
}

const topLevel = z.object({
  model_provider: z.string().optional(),
  openai_base_url: z.string().optional(),
});

/** Reads all providers of a configuration and picks the active one (default `openai`). Throws `ProviderConfigError`. */
export function selectModelProvider(options: SelectModelProviderOptions): SelectedModelProvider {
  const keys = topLevel.safeParse(options.config, CHECKED_ONCE);
  if (!keys.success) throw shapeError("", keys.error);
  const providers = parseModelProviders(options.config["model_providers"], {
    ...options,
    openaiBaseUrl: keys.data.openai_base_url,
  });
  const id = options.id ?? keys.data.model_provider ?? DEFAULT_PROVIDER_ID;
  const info = providers.get(id);
  if (info === undefined) throw unknownProvider(id, providers);
  return { id, info, providers };
}

function unknownProvider(
  id: string,
  providers: ReadonlyMap<string, ModelProviderInfo>,
): ProviderConfigError {
  if (id === "ollama-chat") {
    return new ProviderConfigError(
      "model_provider",
      "`ollama-chat` was removed together with the chat wire format; use `ollama` instead",
    );
  }
  const known = [...providers.keys()].toSorted().join(", ");
  return new ProviderConfigError(
    "",
    `Model provider \`${id}\` not found; set model_provider to one of: ${known}`,
  );
}
