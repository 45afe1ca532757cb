import { type Network, networkFromEnvironment, providerUrl } from "@codex-ts/api";
import type { SelectedModelProvider } from "@codex-ts/model-provider";
import type { CliProcess } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import { type LoadedConfig, loadConfigFor } from "../config-file.ts";
import { CliError } from "../errors.ts";
import type { GlobalOptions } from "../global-options.ts";
import { listVersion } from "../list-version.ts";
import { selectProvider } from "../provider.ts";
import { CHECKS, type Check, type CheckId, type Finding, check, skipped } from "./check.ts";
import { type Credential, credentialFinding, openCredential } from "./credential.ts";
import { homeFinding, runtimeFinding, sandboxFinding } from "./machine.ts";
import { modelFinding } from "./model.ts";
import {
  certificateFinding,
  clockFinding,
  proxyFinding,
  reachabilityFinding,
  refusalOf,
  webSocketFinding,
} from "./network.ts";
import { type HttpProbe, probeHttp } from "./probe-http.ts";
import { type WebSocketOutcome, tryWebSocket } from "./probe-websocket.ts";

/** Makes one check after the other, each with a limit of time. No model is asked anything. Rejects when interrupted. */
export async function* runChecks(
  options: GlobalOptions,
  cliProcess: CliProcess,
): AsyncGenerator<Check> {
  yield await check("runtime.provenance", () => runtimeFinding(process.versions.node));
  const state = await check("state.paths", () => homeFinding(cliProcess));
  yield state;
  let configured: Configured | undefined;
  yield await check("config.load", () => {
    const read = readConfiguration(options, cliProcess);
    if ("status" in read) return read;
    ({ configured } = read);
    return read.finding;
  });
  if (configured === undefined) {
    const names = Object.keys(CHECKS) as CheckId[];
    const rest = names.slice(names.indexOf("config.load") + 1);
    for (const id of rest) yield await check(id, () => skipped("the configuration cannot be used"));
    return;
  }
  const { config } = configured.loaded;
  yield await check("sandbox.helpers", () => sandboxFinding(config, cliProcess.env["PATH"]));
  const network = networkFromEnvironment(cliProcess.env);
  try {
    yield* networkChecks(configured, { network, cliProcess });
  } finally {
    await network.dispatcher.destroy();
  }
}

/** A configuration that can be used. */
interface Configured {
  readonly loaded: LoadedConfig;
  readonly home: string;
  readonly selected: SelectedModelProvider;
}

function readConfiguration(
  options: GlobalOptions,
  cliProcess: CliProcess,
): Finding | { readonly finding: Finding; readonly configured: Configured } {
  const warnings: string[] = [];
  try {
    const home = codexHome(cliProcess);
    const loaded = loadConfigFor(options, home, { cwd: cliProcess.cwd });
    warnings.push(...loaded.warnings);
    const warn = (message: string): void => void warnings.push(message);
    const selected = selectProvider({ loaded, cliProcess, warn });
    const { file, files } = loaded;
    const details = {
      "config.toml": files.includes(file) ? file : `${file} (there is none)`,
      model_provider: selected.id,
    };
    const read = files.length > 0 ? files.join(", ") : `defaults, since there is no ${file}`;
    const finding: Finding =
      warnings.length > 0
        ? { status: "warning", summary: warnings.join("; "), details }
        : { status: "ok", summary: read, details };
    return { finding, configured: { loaded, home, selected } };
  } catch (error) {
    if (!CliError.is(error)) throw error;
    return { status: "fail", summary: error.message, details: { source: error.details } };
  }
}

async function* networkChecks(
  { loaded, home, selected }: Configured,
  { network, cliProcess }: { readonly network: Network; readonly cliProcess: CliProcess },
): AsyncGenerator<Check> {
  const { interrupted: signal, commandName } = cliProcess;
  const credential = await openCredential(selected, { loaded, home, cliProcess, network });
  const url = new URL(providerUrl(credential.apiProvider, "models"));
  const proxy = await check("network.env", () => proxyFinding(url, { network, signal }));
  yield proxy;
  const isProxyDown = proxy.status === "fail";
  let probe: HttpProbe | undefined;
  let socket: WebSocketOutcome | undefined;
  const openSocket = async (): Promise<WebSocketOutcome> =>
    (socket ??= await tryWebSocket(credential, { network, signal }));
  yield await check("network.provider_reachability", async () => {
    if (isProxyDown) return skipped("the proxy cannot be reached");
    const version = listVersion(loaded.config.compatibility);
    probe = await probeHttp(credential, { network, version, signal });
    if (probe.status === 404) await openSocket();
    return reachabilityFinding(credential, { probe, socket, commandName });
  });
  yield await check("network.certificates", () => certificateFinding(url, { network, probe }));
  const refusal = refusalOf(probe);
  yield await check("auth.credentials", () =>
    credentialFinding(credential, { refusal, commandName }),
  );
  const offered = probe?.models;
  yield await check("model.configured", () => modelFinding(loaded, { home, credential, offered }));
  yield await check("system.clock", () => clockFinding(probe));
  yield await check("network.websocket_reachability", async () => {
    const unused = whyNoWebSocket(credential, { loaded, probe, refusal });
    return unused ?? webSocketFinding(await openSocket());
  });
}

function whyNoWebSocket(
  { provider, problem }: Credential,
  {
    loaded,
    probe,
    refusal,
  }: {
    readonly loaded: LoadedConfig;
    readonly probe: HttpProbe | undefined;
    readonly refusal: string | undefined;
  },
): Finding | undefined {
  if (loaded.config.http_only === true)
    return { status: "ok", summary: "switched off by http_only" };
  if (!provider.info.supportsWebsockets) {
    return { status: "ok", summary: `model provider ${provider.id} is used over HTTP` };
  }
  if (probe?.status === undefined) return skipped("no response of the server");
  return refusal !== undefined || problem !== undefined
    ? skipped("no usable credential")
    : undefined;
}
