import { createHash } from "node:crypto";
import { type Environment, readVariable } from "../environment.ts";
import { CredentialsError } from "../errors.ts";
import type { HttpClientOptions } from "../internal/json-client.ts";
import { Secret } from "../secret.ts";
import {
  type AgentIdentityContext,
  registerAgentTask,
  verifyAgentIdentity,
} from "./agent-identity.ts";
import { BearerAuthProvider } from "./auth-providers.ts";
import type { AuthSnapshot } from "./auth-snapshot.ts";
import {
  PERSONAL_ACCESS_TOKEN_PREFIX,
  introspectPersonalAccessToken,
} from "./personal-access-token.ts";
import type { CredentialStore } from "./storage/credential-store.ts";
import { StoredCredentials } from "./stored-credentials.ts";

/** Variable with an API key for non-interactive use. */
const API_KEY_VARIABLE = "CODEX_API_KEY";
/** Variable with a personal access token or an agent identity. */
const ACCESS_TOKEN_VARIABLE = "CODEX_ACCESS_TOKEN";

/** Where credentials may come from, and what is needed to use them. */
export interface AuthSources {
  readonly env: Environment;
  /** Whether `CODEX_API_KEY` counts; interactive programs leave it alone. */
  readonly isApiKeyVariableEnabled: boolean;
  /** Tokens a host application supplied to this process. */
  readonly ephemeral: CredentialStore;
  /** The configured store; `undefined` when that is the ephemeral one. */
  readonly store: CredentialStore | undefined;
  readonly chatgptBaseUrl: string;
  readonly client: HttpClientOptions;
  readonly now: () => number;
  readonly warn: (message: string) => void;
}

/** Credentials as found: the snapshot others see, and the document behind it. */
export interface LoadedAuth {
  readonly snapshot: AuthSnapshot;
  readonly credentials: StoredCredentials;
  /** Where the document came from and a refreshed one goes to; `undefined` for variables. */
  readonly store: CredentialStore | undefined;
  /** Credentials of the document and of those it replaced: a server may still speak of a token that it has refused. */
  readonly secrets: readonly Secret[];
  /** A hash of the document: equal for equal credentials, without revealing them. */
  readonly fingerprint: string;
}

/**
 * Finds the base credentials, first match wins: API key variable, host-supplied tokens, access token variable, store.
 * `previous` is returned as it is when nothing changed, so that nothing is asked twice.
 * Source: docs/behavior/model-provider.md 6.2.
 */
export async function loadAuth(
  sources: AuthSources,
  previous: LoadedAuth | undefined,
): Promise<LoadedAuth | undefined> {
  const found = await findCredentials(sources);
  if (found === undefined) return undefined;
  const fingerprint = fingerprintOf(found.credentials);
  if (previous?.fingerprint === fingerprint) return previous;
  if (isEmpty(found.credentials)) return undefined;
  const secrets = knownSecrets(found.credentials, previous);
  return { ...found, secrets, snapshot: await toSnapshot(found, secrets, sources), fingerprint };
}

/** The same login with other credentials, e.g. after a refresh. */
export async function withCredentials(
  loaded: LoadedAuth,
  credentials: StoredCredentials,
  sources: AuthSources,
): Promise<LoadedAuth> {
  const secrets = knownSecrets(credentials, loaded);
  const snapshot = await toSnapshot({ credentials, store: loaded.store }, secrets, sources);
  return { ...loaded, credentials, secrets, snapshot, fingerprint: fingerprintOf(credentials) };
}

/** As many as some refreshes leave behind. */
const MAX_KNOWN_SECRETS = 24;

function knownSecrets(
  credentials: StoredCredentials,
  replaced: LoadedAuth | undefined,
): readonly Secret[] {
  return [...credentials.secrets, ...(replaced?.secrets ?? [])].slice(0, MAX_KNOWN_SECRETS);
}

interface FoundCredentials {
  readonly credentials: StoredCredentials;
  readonly store: CredentialStore | undefined;
}

async function findCredentials(sources: AuthSources): Promise<FoundCredentials | undefined> {
  const { env, ephemeral, store } = sources;
  const apiKey = sources.isApiKeyVariableEnabled ? readVariable(env, API_KEY_VARIABLE) : undefined;
  if (apiKey !== undefined) {
    return { credentials: StoredCredentials.fromApiKey(new Secret(apiKey)), store: undefined };
  }
  const supplied = await ephemeral.load();
  if (supplied !== undefined) return { credentials: supplied, store: ephemeral };
  const accessToken = readVariable(env, ACCESS_TOKEN_VARIABLE);
  if (accessToken !== undefined) {
    return { credentials: credentialsFromAccessToken(new Secret(accessToken)), store: undefined };
  }
  const stored = await store?.load();
  return stored === undefined ? undefined : { credentials: stored, store };
}

/** A programmatic token as credentials: `at-` begins a personal access token, anything else is an agent identity. */
export function credentialsFromAccessToken(token: Secret): StoredCredentials {
  return token.expose().startsWith(PERSONAL_ACCESS_TOKEN_PREFIX)
    ? StoredCredentials.fromPersonalAccessToken(token)
    : StoredCredentials.fromAgentIdentity(token);
}

/** A document that holds no credential and names no kind of one, as a logout by hand leaves it: nobody is logged in. */
function isEmpty({
  declaredMode,
  apiKey,
  tokens,
  agentIdentity,
  personalAccessToken,
}: StoredCredentials): boolean {
  return [declaredMode, apiKey, tokens, agentIdentity, personalAccessToken].every(
    (part) => part === undefined,
  );
}

async function toSnapshot(
  login: FoundCredentials,
  secrets: readonly Secret[],
  sources: AuthSources,
): Promise<AuthSnapshot> {
  const found = { ...login, secrets };
  const { credentials } = found;
  switch (credentials.mode) {
    case "apikey":
      return apiKeySnapshot(found);
    case "chatgpt":
    case "chatgptAuthTokens":
      return tokenSnapshot(found);
    case "personalAccessToken":
      return personalAccessTokenSnapshot(found, sources);
    case "agentIdentity":
      return agentIdentitySnapshot(found, sources);
    case "bedrockApiKey":
    case "bedrockAccessKeys":
    case "headers":
      throw incomplete(found, `a login of the kind ${credentials.mode} cannot be used here`);
    default:
      return credentials.mode satisfies never;
  }
}

/** A login on its way to a snapshot. */
type KnownCredentials = FoundCredentials & Pick<LoadedAuth, "secrets">;

function apiKeySnapshot(found: KnownCredentials): AuthSnapshot {
  return {
    mode: "apikey",
    accountId: undefined,
    authProvider: new BearerAuthProvider({
      token: required(found, found.credentials.apiKey, "OPENAI_API_KEY"),
      knownSecrets: found.secrets,
    }),
  };
}

/**
 * Codex attaches no token of a login without `last_refresh`. It is used here: all that time decides is when a token is
 * renewed that does not say when it ends.
 */
function tokenSnapshot(found: KnownCredentials): AuthSnapshot {
  const { mode } = found.credentials;
  const { claims, accountId, accessToken } = required(found, found.credentials.tokens, "tokens");
  return {
    mode,
    accountId,
    authProvider: new BearerAuthProvider({
      token: required(found, accessToken, "tokens.access_token"),
      accountId,
      isFedrampAccount: claims.isFedrampAccount,
      knownSecrets: found.secrets,
    }),
    account: {
      email: claims.email,
      planType: claims.planType,
      userId: claims.userId,
      workspaceId: claims.accountId,
      isFedrampAccount: claims.isFedrampAccount,
    },
  };
}

async function personalAccessTokenSnapshot(
  found: KnownCredentials,
  { env, client }: AuthSources,
): Promise<AuthSnapshot> {
  const personalAccessToken = required(
    found,
    found.credentials.personalAccessToken,
    "personal_access_token",
  );
  const { accountId, account } = await introspectPersonalAccessToken(
    personalAccessToken,
    env,
    client,
  );
  return {
    mode: "personalAccessToken",
    accountId,
    authProvider: new BearerAuthProvider({
      token: personalAccessToken,
      accountId,
      isFedrampAccount: account.isFedrampAccount,
      knownSecrets: found.secrets,
    }),
    account,
  };
}

async function agentIdentitySnapshot(
  found: KnownCredentials,
  context: AgentIdentityContext,
): Promise<AuthSnapshot> {
  const agentIdentity = required(found, found.credentials.agentIdentity, "agent_identity");
  const identity = await verifyAgentIdentity(agentIdentity, context);
  return {
    mode: "agentIdentity",
    accountId: identity.accountId,
    authProvider: {
      ...(await registerAgentTask(identity, context)),
      knownSecrets: () => [
        ...found.secrets.map((secret) => secret.expose()),
        ...identity.knownSecrets,
      ],
    },
    account: identity.account,
  };
}

function fingerprintOf(credentials: StoredCredentials): string {
  return createHash("sha256").update(credentials.serialize("compact")).digest("hex");
}

/** The part of a login, which has to be there. Half a credential helps nobody, so nothing is sent without it. */
function required<Part>(found: FoundCredentials, part: Part | undefined, key: string): Part {
  const isBlank = part instanceof Secret && part.expose().trim() === "";
  if (part !== undefined && !isBlank) return part;
  throw incomplete(found, `it has no ${key}`);
}

function incomplete({ store }: FoundCredentials, problem: string): CredentialsError {
  const place = store?.location ?? "the login of the environment";
  return new CredentialsError(
    "credentials_incomplete",
    `${place} cannot be used: ${problem}; log in again`,
  );
}
