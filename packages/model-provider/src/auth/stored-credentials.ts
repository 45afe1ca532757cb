import { type AuthMode, type JsonObject, readAuthMode, readPlanType } from "@codex-ts/protocol";
import { z } from "zod";
import { CredentialsError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { type TokenClaims, readTokenClaims } from "./jwt.ts";

/** The OAuth tokens of a ChatGPT login. */
export interface StoredTokens {
  readonly idToken: Secret;
  readonly accessToken: Secret;
  /** Empty for tokens a host application supplies. */
  readonly refreshToken: Secret;
  /** Workspace id sent with requests, fixed at login. */
  readonly accountId: string | undefined;
  /** Facts of the id token; a plan the host application named beats the token's. */
  readonly claims: TokenClaims;
}

/** Tokens a refresh or a login brought; absent ones stay as they are. */
export interface NewTokens {
  readonly idToken?: Secret | undefined;
  readonly accessToken?: Secret | undefined;
  readonly refreshToken?: Secret | undefined;
}

// Loose: whatever another version wrote is kept when the document is written again.
const authDocument = z.looseObject({
  auth_mode: z
    .string()
    .refine((mode) => readAuthMode(mode) !== undefined, "names a kind of login nobody here knows")
    .nullish(),
  OPENAI_API_KEY: z.string().nullish(),
  tokens: z
    .looseObject({
      id_token: z.string(),
      access_token: z.string(),
      refresh_token: z.string(),
      account_id: z.string().nullish(),
      chatgpt_plan_type: z.string().nullish(),
    })
    .nullish(),
  last_refresh: z.string().nullish(),
  agent_identity: z.string().nullish(),
  personal_access_token: z.string().nullish(),
});

/**
 * One `auth.json` document. Immutable; the raw document with every unknown key is private and leaves only through
 * {@link StoredCredentials.serialize}. Source: docs/behavior/model-provider.md 8.
 */
export class StoredCredentials {
  readonly mode: AuthMode;
  /** `auth_mode` as written; `undefined`: the mode follows from what is there. */
  readonly declaredMode: AuthMode | undefined;
  readonly apiKey: Secret | undefined;
  readonly tokens: StoredTokens | undefined;
  /** Unix milliseconds of the last refresh or login. */
  readonly lastRefreshAtMs: number | undefined;
  /** The signed token of an agent identity. */
  readonly agentIdentity: Secret | undefined;
  readonly personalAccessToken: Secret | undefined;
  readonly #document: JsonObject;

  private constructor(document: JsonObject) {
    const fields = checkDocument(document);
    this.#document = document;
    this.apiKey = secretOf(fields.OPENAI_API_KEY);
    this.personalAccessToken = secretOf(fields.personal_access_token);
    this.agentIdentity = secretOf(fields.agent_identity);
    this.tokens = fields.tokens ? readTokens(fields.tokens) : undefined;
    this.lastRefreshAtMs = readTime(fields.last_refresh);
    this.declaredMode = readAuthMode(fields.auth_mode);
    this.mode = this.declaredMode ?? this.#impliedMode();
  }

  /** Reads the text of an `auth.json`. Throws `CredentialsError` whose message never holds file content. */
  static parse(text: string): StoredCredentials {
    let document: unknown;
    try {
      document = JSON.parse(text);
      // Nesting that cannot be written again would fail at the first refresh, after the token is spent.
      JSON.stringify(document);
    } catch (error) {
      throw new CredentialsError("credentials_unreadable", jsonProblem(text, error));
    }
    return new StoredCredentials(document as JsonObject);
  }

  /** Credentials made of one API key. */
  static fromApiKey(apiKey: Secret): StoredCredentials {
    return new StoredCredentials({ auth_mode: "apikey", OPENAI_API_KEY: apiKey.expose() });
  }

  /** Without `auth_mode` on purpose: clients that do not know the kind can still parse the file. */
  static fromPersonalAccessToken(token: Secret): StoredCredentials {
    return new StoredCredentials({ OPENAI_API_KEY: null, personal_access_token: token.expose() });
  }

  static fromAgentIdentity(token: Secret): StoredCredentials {
    return new StoredCredentials({
      auth_mode: "agentIdentity",
      OPENAI_API_KEY: null,
      agent_identity: token.expose(),
    });
  }

  /** Credentials from a ChatGPT login (`chatgpt`) or a host application (`chatgptAuthTokens`). */
  static fromTokens(options: FromTokensOptions): StoredCredentials {
    return new StoredCredentials({
      auth_mode: options.mode,
      OPENAI_API_KEY: options.apiKey?.expose() ?? null,
      tokens: {
        id_token: options.idToken.expose(),
        access_token: options.accessToken.expose(),
        refresh_token: options.refreshToken.expose(),
        account_id: options.accountId ?? null,
        ...(options.planType === undefined ? {} : { chatgpt_plan_type: options.planType }),
      },
      last_refresh: new Date(options.nowMs).toISOString(),
    });
  }

  /** The same document with some tokens replaced; mode, account and unknown keys stay. */
  withNewTokens(tokens: NewTokens, nowMs: number): StoredCredentials {
    const replaced: Record<string, string> = {};
    if (tokens.idToken !== undefined) replaced["id_token"] = tokens.idToken.expose();
    if (tokens.accessToken !== undefined) replaced["access_token"] = tokens.accessToken.expose();
    if (tokens.refreshToken !== undefined) replaced["refresh_token"] = tokens.refreshToken.expose();
    return new StoredCredentials({
      ...this.#document,
      tokens: { ...(this.#document["tokens"] as JsonObject | undefined), ...replaced },
      last_refresh: new Date(nowMs).toISOString(),
    });
  }

  /** The document for disk (`pretty`: two spaces, no final newline) or keyring (`compact`). Holds every secret. */
  serialize(form: "pretty" | "compact"): string {
    const { auth_mode: mode, OPENAI_API_KEY: apiKey, ...rest } = this.#document;
    const ordered = {
      ...(mode === undefined ? {} : { auth_mode: mode }),
      OPENAI_API_KEY: apiKey ?? null,
      ...rest,
    };
    return JSON.stringify(ordered, null, form === "pretty" ? 2 : undefined);
  }

  /** Every credential of the document. */
  get secrets(): Secret[] {
    const { apiKey, tokens, agentIdentity, personalAccessToken } = this;
    const { idToken, accessToken, refreshToken } = tokens ?? {};
    return [apiKey, idToken, accessToken, refreshToken, agentIdentity, personalAccessToken].filter(
      (secret) => secret !== undefined,
    );
  }

  /** Whether both hold the same document. */
  equals(other: StoredCredentials | undefined): boolean {
    return other !== undefined && this.serialize("compact") === other.serialize("compact");
  }

  #impliedMode(): AuthMode {
    if (this.personalAccessToken !== undefined) return "personalAccessToken";
    return this.apiKey === undefined ? "chatgpt" : "apikey";
  }
}

/** Options of {@link StoredCredentials.fromTokens}. */
export interface FromTokensOptions {
  readonly mode: "chatgpt" | "chatgptAuthTokens";
  readonly idToken: Secret;
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  readonly accountId: string | undefined;
  /** Only for tokens of a host application, which never reach a disk. */
  readonly planType?: string | undefined;
  /** Time of the login, Unix milliseconds. */
  readonly nowMs: number;
  /** Key obtained by the optional second exchange of the browser login. */
  readonly apiKey?: Secret | undefined;
}

function checkDocument(document: unknown): z.infer<typeof authDocument> {
  const result = authDocument.safeParse(document);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const key = issue?.path.join(".") || "the document";
  throw new CredentialsError("credentials_unreadable", `${key} ${shapeProblem(issue)}`);
}

function shapeProblem(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "custom") return issue.message;
  const isMissing = issue?.message.endsWith("received undefined") === true;
  return isMissing ? "is missing" : "has an unexpected shape";
}

function readTokens(tokens: NonNullable<z.infer<typeof authDocument>["tokens"]>): StoredTokens {
  const claims = readTokenClaims(tokens.id_token);
  if (claims === undefined) {
    throw new CredentialsError("credentials_unreadable", "tokens.id_token is not a JWT");
  }
  return {
    idToken: new Secret(tokens.id_token),
    accessToken: new Secret(tokens.access_token),
    refreshToken: new Secret(tokens.refresh_token),
    accountId: tokens.account_id ?? undefined,
    claims: tokens.chatgpt_plan_type
      ? { ...claims, planType: readPlanType(tokens.chatgpt_plan_type) }
      : claims,
  };
}

function secretOf(text: string | null | undefined): Secret | undefined {
  return text === null || text === undefined ? undefined : new Secret(text);
}

/** The parser's own message quotes the text around the mistake: only the place is kept. */
function jsonProblem(text: string, error: unknown): string {
  if (text.trim() === "") return "it is empty";
  const position = error instanceof SyntaxError && / at position (\d+)/.exec(error.message)?.[1];
  if (position === undefined || position === false) return "not valid JSON";
  const before = text.slice(0, Number(position)).split(/\r\n|[\r\n]/);
  return `not valid JSON at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Fractions may have any length; `Date.parse` cuts what is finer than a millisecond. */
function readTime(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const time = Date.parse(text.replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isNaN(time)) {
    throw new CredentialsError("credentials_unreadable", "last_refresh is not a time");
  }
  return time;
}
