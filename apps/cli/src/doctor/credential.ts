import type { ApiProvider, AuthProvider, Network } from "@codex-ts/api";
import {
  ProviderError,
  type ModelProvider,
  type SelectedModelProvider,
  createModelProvider,
  unauthenticatedAuthProvider,
} from "@codex-ts/model-provider";
import type { CliProcess } from "../cli-process.ts";
import type { LoadedConfig } from "../config-file.ts";
import { CliError } from "../errors.ts";
import { COMPATIBLE_CODEX_VERSION, readProvider } from "../provider.ts";
import type { Finding } from "./check.ts";

/** Provider and credential for the requests of the checks. Without a usable one they go out without any: a server can be reached all the same. */
export interface Credential {
  readonly provider: ModelProvider;
  readonly apiProvider: ApiProvider;
  readonly auth: AuthProvider;
  /** Where the credential comes from, in words; never the credential. */
  readonly source: string;
  /** Why there is none; `undefined`: there is one, or none is needed. */
  readonly problem: string | undefined;
  /** Warnings of renewing it. */
  readonly warnings: readonly string[];
}

/** Reads the credential of the provider as a run does; a login that is about to expire is renewed as a run would. */
export async function openCredential(
  selected: SelectedModelProvider,
  sources: {
    readonly loaded: LoadedConfig;
    readonly home: string;
    readonly cliProcess: CliProcess;
    readonly network: Network;
  },
): Promise<Credential> {
  const warnings: string[] = [];
  const { env } = sources.cliProcess;
  const { id, info } = selected;
  const without = createModelProvider({
    id,
    info,
    env,
    clientVersion: COMPATIBLE_CODEX_VERSION,
    authManager: undefined,
  });
  try {
    const warn = (message: string): void => void warnings.push(message);
    const provider = await readProvider({ ...sources, warn }, selected);
    const auth = await provider.apiAuth();
    const apiProvider = await provider.apiProvider();
    const source = await sourceOf(provider, env);
    return { provider, apiProvider, auth, source, problem: undefined, warnings };
  } catch (error) {
    if (!CliError.is(error) && !ProviderError.is(error)) throw error;
    return {
      provider: without,
      apiProvider: await without.apiProvider(),
      auth: unauthenticatedAuthProvider,
      source: "none",
      problem: error.message,
      warnings,
    };
  }
}

async function sourceOf(
  provider: ModelProvider,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { info } = provider;
  if (info.envKey !== undefined) return `the variable ${info.envKey}`;
  if (info.experimentalBearerToken !== undefined) return "experimental_bearer_token";
  if (info.auth !== undefined) return "the command of auth";
  const mode = await provider.authMode?.();
  if (mode === undefined) return "none";
  if (mode === "apikey" && (env["CODEX_API_KEY"] ?? "") !== "") return "the variable CODEX_API_KEY";
  return mode === "apikey" ? "the API key of the login" : `the login (${mode})`;
}

/** The credential as a line of the report. `refusal`: the server does not take it. */
export function credentialFinding(
  { provider, source, problem, warnings }: Credential,
  { refusal, commandName }: { readonly refusal: string | undefined; readonly commandName: string },
): Finding {
  const details = { provider: provider.id, credential: source };
  const { envKey } = provider.info;
  const remediation =
    source.includes("login") || (problem !== undefined && provider.info.requiresOpenaiAuth)
      ? `${commandName} login`
      : envKey === undefined
        ? `check the credential of model provider ${provider.id}`
        : `check the key in ${envKey}`;
  if (problem !== undefined) {
    return {
      status: "fail",
      summary: problem,
      remediation: problem.includes(commandName) ? undefined : remediation,
      details,
    };
  }
  if (refusal !== undefined) {
    return { status: "fail", summary: refusal, remediation, details };
  }
  if (warnings.length > 0) {
    return { status: "warning", summary: warnings.join("; "), remediation, details };
  }
  return {
    status: "ok",
    summary: source === "none" ? "the provider asks for none" : `from ${source}`,
    details,
  };
}
