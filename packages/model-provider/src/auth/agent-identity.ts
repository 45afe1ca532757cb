import { type KeyObject, createPrivateKey, sign } from "node:crypto";
import type { AuthProvider, HeaderBag } from "@codex-ts/api";
import { isJsonObject, readPlanType } from "@codex-ts/protocol";
import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import { type Environment, readVariable } from "../environment.ts";
import { CredentialsError } from "../errors.ts";
import {
  type HttpClientOptions,
  type JsonResponse,
  exchangeJson,
} from "../internal/json-client.ts";
import type { Secret } from "../secret.ts";
import type { AccountFacts } from "./auth-snapshot.ts";

/** Variable that replaces the service where an agent registers. */
export const AGENT_AUTHAPI_URL_VARIABLE = "CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL";

const DEFAULT_AUTHAPI_URL = "https://auth.openai.com/api/accounts";
const ISSUER = "https://chatgpt.com/codex-backend/agent-identity";
const AUDIENCE = "codex-app-server";
const JWKS_TIMEOUT_MS = 10_000;
const REGISTER_TIMEOUT_MS = 30_000;

const agentClaims = z.looseObject({
  agent_runtime_id: z.string().min(1),
  agent_private_key: z.string().min(1),
  account_id: z.string().min(1),
  chatgpt_user_id: z.string(),
  email: z.string(),
  plan_type: z.string(),
  chatgpt_account_is_fedramp: z.boolean(),
});

/** A verified agent identity. The private key stays inside. */
export interface AgentIdentity {
  readonly runtimeId: string;
  readonly accountId: string;
  readonly account: AccountFacts;
  /** Base64 Ed25519 signature of `text`. */
  readonly sign: (text: string) => string;
  /** The private key as the token has it. */
  readonly knownSecrets: readonly string[];
}

/** Settings for verifying and registering. */
export interface AgentIdentityContext {
  readonly env: Environment;
  readonly client: HttpClientOptions;
  /** Top-level `chatgpt_base_url`. */
  readonly chatgptBaseUrl: string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * Checks the token's signature against the published keys, its issuer, audience and expiry, and reads it. Rejects with
 * `CredentialsError`. Source: docs/behavior/model-provider.md 11.2.
 */
export async function verifyAgentIdentity(
  token: Secret,
  context: AgentIdentityContext,
): Promise<AgentIdentity> {
  // Anything else cannot be verified; asking the network first would only hide the simple mistake.
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token.expose())) {
    throw rejected("invalid agent identity JWT format");
  }
  const keys = await fetchKeys(context);
  // Loaded here: most processes never see an agent identity, and every one pays for what is imported above.
  const { createLocalJWKSet, jwtVerify } = await import("jose");
  const payload = await jwtVerify(token.expose(), createLocalJWKSet(keys), {
    algorithms: ["RS256"],
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ["exp"],
    currentDate: new Date(context.now()),
  }).then(
    (verified) => verified.payload,
    (error: unknown) => {
      const code = (error as { code?: string }).code ?? "unknown error";
      throw rejected(`failed to verify agent identity JWT (${code})`);
    },
  );
  return readIdentity(payload);
}

/** Registers a task for this process and returns the provider that signs every request with it. */
export async function registerAgentTask(
  identity: AgentIdentity,
  context: AgentIdentityContext,
): Promise<AuthProvider> {
  const base = readVariable(context.env, AGENT_AUTHAPI_URL_VARIABLE) ?? DEFAULT_AUTHAPI_URL;
  const timestamp = wholeSeconds(context.now());
  const response = await exchangeJson(context.client, {
    method: "POST",
    url: `${base.replace(/\/+$/, "")}/v1/agent/${encodeURIComponent(identity.runtimeId)}/task/register`,
    json: { timestamp, signature: identity.sign(`${identity.runtimeId}:${timestamp}`) },
    timeoutMs: REGISTER_TIMEOUT_MS,
  }).catch(unreachable("register the agent task"));
  if (!response.isSuccess) throw rejected(`register the agent task: status ${response.statusLine}`);
  const taskId = readTaskId(response);
  return { addAuthHeaders: (headers) => addAssertion(headers, identity, taskId, context.now()) };
}

function addAssertion(
  headers: HeaderBag,
  identity: AgentIdentity,
  taskId: string,
  nowMs: number,
): void {
  const timestamp = wholeSeconds(nowMs);
  const assertion = JSON.stringify({
    agent_runtime_id: identity.runtimeId,
    signature: identity.sign(`${identity.runtimeId}:${taskId}:${timestamp}`),
    task_id: taskId,
    timestamp,
  });
  headers.set("authorization", `AgentAssertion ${Buffer.from(assertion).toString("base64url")}`);
  headers.set("chatgpt-account-id", identity.accountId);
  if (identity.account.isFedrampAccount) headers.set("x-openai-fedramp", "true");
}

async function fetchKeys({ chatgptBaseUrl, client }: AgentIdentityContext): Promise<JSONWebKeySet> {
  const base = chatgptBaseUrl.replace(/\/+$/, "");
  const path = base.includes("/backend-api")
    ? "wham/agent-identities/jwks"
    : "agent-identities/jwks";
  const response = await exchangeJson(client, {
    method: "GET",
    url: `${base}/${path}`,
    timeoutMs: JWKS_TIMEOUT_MS,
  }).catch(unreachable("fetch the agent identity keys"));
  if (!response.isSuccess)
    throw rejected(`fetch the agent identity keys: status ${response.statusLine}`);
  const keys = isJsonObject(response.json) ? response.json["keys"] : undefined;
  if (!Array.isArray(keys)) throw rejected("fetch the agent identity keys: not a key set");
  return { keys };
}

function readIdentity(payload: unknown): AgentIdentity {
  const claims = agentClaims.safeParse(payload);
  if (!claims.success) {
    const key = claims.error.issues[0]?.path.join(".") ?? "";
    throw rejected(`the agent identity token lacks a usable ${key}`);
  }
  const { data } = claims;
  const privateKey = readPrivateKey(data.agent_private_key);
  return {
    runtimeId: data.agent_runtime_id,
    accountId: data.account_id,
    account: {
      email: data.email,
      planType: readPlanType(data.plan_type),
      userId: data.chatgpt_user_id,
      workspaceId: data.account_id,
      isFedrampAccount: data.chatgpt_account_is_fedramp,
    },
    knownSecrets: [data.agent_private_key],
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64"),
  };
}

function readPrivateKey(base64: string): KeyObject {
  try {
    const key = createPrivateKey({
      key: Buffer.from(base64, "base64"),
      format: "der",
      type: "pkcs8",
    });
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The error would describe the key material; the sentence below is enough.
  }
  throw rejected("the agent identity token holds no usable Ed25519 key");
}

function readTaskId({ json }: JsonResponse): string {
  const response = isJsonObject(json) ? json : {};
  const taskId = response["task_id"] ?? response["taskId"];
  if (typeof taskId === "string" && taskId !== "") return taskId;
  throw rejected(
    "register the agent task: the response has no plain task id; encrypted task ids are not supported",
  );
}

function wholeSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function unreachable(action: string): (error: unknown) => never {
  return (error) => {
    throw rejected(`${action}: ${(error as Error).message}`);
  };
}

function rejected(message: string): CredentialsError {
  return new CredentialsError("token_rejected", message);
}
