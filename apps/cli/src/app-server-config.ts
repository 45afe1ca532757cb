import type { ConfigReading } from "@codex-ts/app-server";
import type { JsonObject } from "@codex-ts/protocol";
import type { LoadedConfig } from "./config-file.ts";
import { shownTable } from "./config-values.ts";

/** The configuration as a client may read it: what may be a credential is left out, `null` is what nobody has set. */
export function configReading({ config }: LoadedConfig): ConfigReading {
  const shown = shownTable({ ...config });
  return {
    config: {
      // Dates as JSON has them.
      ...(JSON.parse(JSON.stringify(shown)) as JsonObject),
      model_providers: (shown["model_providers"] ?? {}) as JsonObject,
    },
    origins: {},
  };
}
