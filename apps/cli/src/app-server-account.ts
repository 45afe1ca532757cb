import type { AccountReading } from "@codex-ts/app-server";
import { loginStatus } from "@codex-ts/model-provider";
import { credentialSettings } from "./credential-settings.ts";
import { selectProvider } from "./provider.ts";
import type { ProviderSources } from "./provider.ts";

/** Who is logged in, as far as it is stored here; nobody is asked. */
export async function accountReading(sources: ProviderSources): Promise<AccountReading> {
  const { loaded, home, cliProcess, network, warn } = sources;
  // What is wrong with the keys of a provider is said where a thread uses it.
  const { info } = selectProvider({ ...sources, warn: () => undefined });
  const { requiresOpenaiAuth } = info;
  if (!requiresOpenaiAuth) return { account: null, requiresOpenaiAuth };
  const { context } = credentialSettings(loaded, home, cliProcess, { network, warn });
  const status = await loginStatus(context);
  return { account: accountOf(status), requiresOpenaiAuth };
}

function accountOf(status: Awaited<ReturnType<typeof loginStatus>>): AccountReading["account"] {
  switch (status.kind) {
    case "apikey":
      return { type: "apiKey" };
    case "chatgpt": {
      const { email = null, planType = "unknown", userId = null } = status.account;
      return { type: "chatgpt", email, planType, userId };
    }
    case "none":
    case "personalAccessToken":
    case "agentIdentity":
    case "other":
      return null;
    default:
      return status satisfies never;
  }
}
