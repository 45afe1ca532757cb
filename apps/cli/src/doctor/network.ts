import { connect } from "node:net";
import type { Network } from "@codex-ts/api";
import { adviceFor, baseUrlOf } from "../failure-text.ts";
import { clipPart } from "../render/clip.ts";
import { withoutWebPage } from "../render/web-page.ts";
import { type Finding, skipped } from "./check.ts";
import type { Credential } from "./credential.ts";
import { type HttpProbe, PROBE_TIMEOUT_MS } from "./probe-http.ts";
import type { WebSocketOutcome } from "./probe-websocket.ts";

const PROXY_TIMEOUT_MS = 5000;
/** Codex's tokens and most certificates allow for some minutes. */
const MAX_SKEW_MS = 5 * 60_000;

/** Whether the proxy for `url` can be connected to, where there is one. */
export async function proxyFinding(
  url: URL,
  { network, signal }: { readonly network: Network; readonly signal: AbortSignal },
): Promise<Finding> {
  const proxy = network.proxyFor(url);
  if (proxy === undefined) return { status: "ok", summary: `no proxy is used for ${url.host}` };
  const parsed = URL.parse(proxy);
  const variables = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY";
  if (parsed === null) {
    return {
      status: "fail",
      summary: "the proxy of the environment is no URL",
      remediation: `write http://host:port into ${variables}`,
    };
  }
  // Without user and password.
  const shown = `${parsed.protocol}//${parsed.host}`;
  const problem = await connectionProblem(parsed, signal);
  if (problem === undefined) {
    return { status: "ok", summary: `${shown} is used for ${url.host}`, details: { proxy: shown } };
  }
  return {
    status: "fail",
    summary: `the proxy ${shown} cannot be reached: ${problem}`,
    remediation: `start it, correct ${variables}, or name ${url.hostname} in NO_PROXY`,
    details: { proxy: shown },
  };
}

function connectionProblem(
  { hostname, port, protocol }: URL,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const defaultPort = protocol === "https:" ? 443 : protocol.startsWith("socks") ? 1080 : 80;
  const socket = connect({
    host: hostname.replace(/^\[(.+)\]$/, "$1"),
    port: port === "" ? defaultPort : Number(port),
    timeout: PROXY_TIMEOUT_MS,
  });
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  socket.once("connect", () => resolve(undefined));
  socket.once("timeout", () => resolve(`no connection in ${PROXY_TIMEOUT_MS / 1000} s`));
  socket.once("error", (error) => resolve(clipPart(error.message || String(error))));
  return promise.finally(() => {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  });
}

/** Whether the server's certificate and the authorities of the environment can be used. */
export function certificateFinding(
  url: URL,
  { network, probe }: { readonly network: Network; readonly probe: HttpProbe | undefined },
): Finding {
  const { certificateProblem } = network;
  if (certificateProblem !== undefined) {
    return {
      status: "fail",
      summary: clipPart(certificateProblem.detail),
      remediation: "correct CODEX_CA_CERTIFICATE or SSL_CERT_FILE: a PEM file with certificates",
    };
  }
  if (url.protocol !== "https:")
    return { status: "ok", summary: `none is needed for ${url.protocol}//` };
  const problem = certificateProblemOf(probe);
  if (problem !== undefined) {
    const isTime = /expired|not yet valid/.test(problem);
    return {
      status: "fail",
      summary: problem,
      remediation: isTime
        ? `renew it, or set the clock of this machine, which says ${new Date().toISOString()}`
        : undefined,
    };
  }
  if (probe?.status === undefined) {
    return skipped("no response of the server");
  }
  const named =
    network.certificateAuthorities === undefined ? "" : ", by the authorities of the environment";
  return { status: "ok", summary: `the certificate of ${url.host} is trusted${named}` };
}

function certificateProblemOf(probe: HttpProbe | undefined): string | undefined {
  const error = networkErrorOf(probe);
  return error?.reason === "certificate" ? clipPart(error.detail) : undefined;
}

function networkErrorOf(probe: HttpProbe | undefined) {
  return probe?.error?.code === "network" ? probe.error : undefined;
}

/** Whether the provider responds as an API does. `socket`: a handshake, made when it has no list of models. */
export async function reachabilityFinding(
  { provider }: Credential,
  {
    probe,
    socket,
    commandName,
  }: {
    readonly probe: HttpProbe;
    readonly socket: WebSocketOutcome | undefined;
    readonly commandName: string;
  },
): Promise<Finding> {
  const place = baseUrlOf(provider);
  const { status, error } = probe;
  const details = {
    provider: provider.id,
    status: status === undefined ? undefined : String(status),
  };
  const fail = (summary: string, remediation: string | undefined): Finding => ({
    status: "fail",
    summary,
    remediation,
    details,
  });
  if (error === undefined) return { status: "ok", summary: `${place} responds`, details };
  if (status === undefined) {
    const reason = networkErrorOf(probe)?.reason;
    if (reason === "certificate") return skipped("the certificate of the server is refused");
    const summary = clipPart(detailOf(error));
    const unreachable = reason === "other" ? undefined : reason;
    const facts = { message: summary, ...(unreachable !== undefined && { unreachable }) };
    // Messages about proxies say what to do.
    const general = reason === "proxy" ? undefined : `check ${place}, and firewalls on the way`;
    return fail(summary, (await adviceFor(facts, provider, commandName)) ?? general);
  }
  if (status === 404) {
    // A server without a list of models, unless the other path is not there, either.
    if (socket !== undefined && socket.status !== undefined && socket.status !== 404) {
      return { status: "ok", summary: `${place} responds, without a list of models`, details };
    }
    return fail(
      "the server knows neither models nor responses at this address (status 404)",
      `check ${place}; those often end in /v1`,
    );
  }
  if (status === 401 || status === 403) {
    return { status: "ok", summary: `${place} responds with status ${status}`, details };
  }
  if (status >= 500) {
    return {
      status: "warning",
      summary: `the server is in trouble: ${statusText(probe)}`,
      remediation: "try again later; a gateway in front of it may be the one that fails",
      details,
    };
  }
  if (status < 300)
    return fail(
      "a response that is no list of models, most likely a website",
      `check ${place}; those often end in /v1`,
    );
  return {
    status: "warning",
    summary: `the list of models is refused: ${statusText(probe)}`,
    remediation: `check ${place}`,
    details,
  };
}

function detailOf(error: NonNullable<HttpProbe["error"]>): string {
  if (error.code === "timeout") return `no response in ${PROBE_TIMEOUT_MS / 1000} s`;
  return withoutWebPage(error.code === "network" ? error.detail : error.message);
}

function statusText({ status, error }: HttpProbe): string {
  const message = error?.serverMessage;
  return `status ${status}${message === undefined ? "" : `, ${clipPart(message)}`}`;
}

/** The words of a server that does not take the credential; `undefined`: it did, or was not asked. */
export function refusalOf(probe: HttpProbe | undefined): string | undefined {
  if (probe === undefined || (probe.status !== 401 && probe.status !== 403)) return undefined;
  const renewal = probe.renewalProblem === undefined ? "" : `; ${probe.renewalProblem}`;
  return `the server refuses the credential: ${statusText(probe)}${renewal}`;
}

/** Whether the clocks of this machine and the server agree. */
export function clockFinding(probe: HttpProbe | undefined): Finding {
  const aheadMs = probe?.aheadMs;
  if (aheadMs === undefined) {
    return skipped(
      probe?.status === undefined ? "no response of the server" : "the server names no time",
    );
  }
  const offMs = Math.abs(aheadMs);
  if (offMs <= MAX_SKEW_MS) return { status: "ok", summary: "agrees with the server's" };
  const direction = aheadMs > 0 ? "ahead of" : "behind";
  return {
    status: "fail",
    summary: `this clock is ${inWords(offMs)} ${direction} the server's: logins and certificates count as expired, or as not valid yet`,
    remediation: "set the clock, best by switching on network time",
    details: { aheadMs: String(Math.round(aheadMs)) },
  };
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

/** Whether responses can come over WebSocket, where the provider uses it. */
export function webSocketFinding(outcome: WebSocketOutcome): Finding {
  if (outcome.problem === undefined) return { status: "ok", summary: "the handshake works" };
  return {
    status: "warning",
    summary: `no WebSocket connection: ${clipPart(outcome.problem)}`,
    remediation:
      "turns go on over HTTP after some tries; let proxies and firewalls pass WebSocket, or set http_only = true to skip the tries",
  };
}
