import { setTimeout as delay } from "node:timers/promises";
import { isJsonObject } from "@codex-ts/protocol";
import type { AccountFacts } from "../auth/auth-snapshot.ts";
import { HttpExchangeError, type JsonResponse, exchangeJson } from "../internal/json-client.ts";
import { finishLogin } from "./finish-login.ts";
import type { CredentialContext } from "../auth/credential-context.ts";
import { LoginError } from "./login-error.ts";
import {
  type IssuerOptions,
  type OAuthParties,
  exchangeCode,
  oauthParties,
} from "./token-exchange.ts";

const REQUEST_TIMEOUT_MS = 30_000;
const LIMIT_MS = 15 * 60_000;
const MIN_INTERVAL_MS = 1_000;

/** Options of {@link loginWithDeviceCode}. */
export interface DeviceLoginOptions extends IssuerOptions {
  /** Shows the user where to enter which code, with a warning to enter it nowhere else. */
  readonly onCode: (prompt: DeviceCodePrompt) => void;
  readonly signal?: AbortSignal | undefined;
  /** Waits between two questions. Default: a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** Page and code with which the user confirms the login on another device. */
export interface DeviceCodePrompt {
  readonly verificationUrl: string;
  readonly userCode: string;
}

/**
 * Logs in with a code that is confirmed in a browser on any device, within 15 minutes. Rejects with `LoginError`; then
 * nothing is stored. Source: docs/behavior/model-provider.md 14.2.
 */
export async function loginWithDeviceCode(
  context: CredentialContext,
  options: DeviceLoginOptions,
): Promise<AccountFacts> {
  const parties = oauthParties(options);
  const device = await requestUserCode(context, parties, options.signal);
  options.onCode({
    verificationUrl: `${parties.issuer}/codex/device`,
    userCode: device.userCode,
  });
  const grant = await pollForCode(context, parties, device, options);
  const tokens = await exchangeCode(
    context,
    parties,
    { kind: "device", redirectUri: `${parties.issuer}/deviceauth/callback`, ...grant },
    options.signal,
  );
  return finishLogin(context, tokens);
}

interface DeviceAuthorization {
  readonly deviceAuthId: string;
  readonly userCode: string;
  readonly intervalMs: number;
}

async function requestUserCode(
  context: CredentialContext,
  parties: OAuthParties,
  signal: AbortSignal | undefined,
): Promise<DeviceAuthorization> {
  const response = await ask(
    context,
    parties,
    "usercode",
    { client_id: parties.client.client_id },
    signal,
  );
  if (response.status === 404) {
    throw new LoginError(
      "denied",
      "device code login is not enabled at this server; use the browser login or check the issuer",
    );
  }
  if (!response.isSuccess)
    throw failed(`the device code request got status ${response.statusLine}`);
  const fields = isJsonObject(response.json) ? response.json : {};
  const deviceAuthId = fields["device_auth_id"];
  const userCode = fields["user_code"] ?? fields["usercode"];
  if (typeof deviceAuthId !== "string" || typeof userCode !== "string") {
    throw failed("the device code response has an unexpected shape");
  }
  return { deviceAuthId, userCode, intervalMs: readIntervalMs(fields["interval"]) };
}

async function pollForCode(
  context: CredentialContext,
  parties: OAuthParties,
  device: DeviceAuthorization,
  { signal, sleep = defaultSleep }: DeviceLoginOptions,
): Promise<{ readonly code: string; readonly codeVerifier: string }> {
  const now = context.now ?? Date.now;
  const deadlineMs = now() + LIMIT_MS;
  const question = { device_auth_id: device.deviceAuthId, user_code: device.userCode };
  while (now() < deadlineMs) {
    const response = await ask(context, parties, "token", question, signal);
    if (response.isSuccess) return readGrant(response.json);
    if (response.status !== 403 && response.status !== 404) {
      throw new LoginError("denied", `device auth failed with status ${response.statusLine}`);
    }
    await sleep(Math.min(device.intervalMs, Math.max(deadlineMs - now(), 0)), signal);
  }
  throw new LoginError(
    "timed_out",
    "device auth timed out after 15 minutes; start the login again",
  );
}

function readGrant(body: unknown): { readonly code: string; readonly codeVerifier: string } {
  const fields = isJsonObject(body) ? body : {};
  const { authorization_code: code, code_verifier: codeVerifier } = fields;
  if (typeof code !== "string" || typeof codeVerifier !== "string") {
    throw failed("the device token response has an unexpected shape");
  }
  return { code, codeVerifier };
}

/** Seconds as text, as Codex's server sends it, or as a number. */
function readIntervalMs(value: unknown): number {
  const seconds = typeof value === "string" ? Number(value.trim()) : value;
  const isUsable = typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0;
  return isUsable ? Math.max(seconds * 1000, MIN_INTERVAL_MS) : MIN_INTERVAL_MS;
}

async function ask(
  context: CredentialContext,
  parties: OAuthParties,
  endpoint: "usercode" | "token",
  json: object,
  signal: AbortSignal | undefined,
): Promise<JsonResponse> {
  return exchangeJson(context.client, {
    method: "POST",
    url: `${parties.issuer}/api/accounts/deviceauth/${endpoint}`,
    json,
    sendsOriginator: false,
    timeoutMs: REQUEST_TIMEOUT_MS,
    signal,
  }).catch((error: unknown) => {
    if (error instanceof HttpExchangeError) throw failed(error.message);
    throw error;
  });
}

function failed(problem: string): LoginError {
  return new LoginError("exchange_failed", `device login failed: ${problem}`);
}

async function defaultSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
