import type { ConfigReading } from "@codex-ts/app-server";
import type { JsonObject } from "@codex-ts/protocol";
import type { LoadedConfig } from "./config-file.ts";

/** Members of a provider that hold secrets. */
const SECRETS = new Set(["experimental_bearer_token", "http_headers", "query_params", "auth"]);

/** The configuration as a client may read it: secrets are left out, `null` is what nobody has set. */
export function configReading({ config }: LoadedConfig): ConfigReading {
  const { model_providers: providers = {}, ...rest } = config as JsonObject;
  const shown = Object.entries(providers as Record<string, JsonObject>).map(([id, provider]) => [
    id,
    Object.fromEntries(Object.entries(provider).filter(([name]) => !SECRETS.has(name))),
  ]);
  return {
    config: {
      ...(JSON.parse(JSON.stringify(rest)) as JsonObject),
      model_providers: Object.fromEntries(shown) as JsonObject,
    },
    origins: {},
  };
}
