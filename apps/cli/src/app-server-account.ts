import type { AccountReading } from "@codex-ts/app-server";
import { loginStatus, selectModelProvider } from "@codex-ts/model-provider";
import type { Network } from "@codex-ts/api";
import type { CliProcess } from "./cli-process.ts";
import type { LoadedConfig } from "./config-file.ts";
import { credentialSettings } from "./credential-settings.ts";

/** Who is logged in, as far as it is stored here; nobody is asked. */
export async function accountReading(
  loaded: LoadedConfig,
  {
    home,
    cliProcess,
    network,
    warn,
  }: {
    readonly home: string;
    readonly cliProcess: CliProcess;
    readonly network: Network;
    readonly warn: (message: string) => void;
  },
): Promise<AccountReading> {
  const { info } = selectModelProvider({
    config: { ...loaded.config },
    env: cliProcess.env,
    clientVersion: "0.140.0",
  });
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
