import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readPlainText } from "@codex-ts/api/internal";
import type { Environment } from "../environment.ts";
import { CredentialsError } from "../errors.ts";
import { errorCode } from "../internal/error-code.ts";
import type { HttpClientOptions } from "../internal/json-client.ts";
import type { Secret } from "../secret.ts";
import { readTokenClaims } from "./jwt.ts";
import { type ProcessLock, acquireProcessLock } from "./process-lock.ts";
import { type RefreshFailureReason, RefreshTokenError } from "./refresh-error.ts";
import { refreshUrl, requestTokenRefresh } from "./refresh-request.ts";
import { removeAbandonedTemporaries, replaceFile } from "./storage/atomic-file.ts";
import type { CredentialStore } from "./storage/credential-store.ts";
import { AUTH_FILE_NAME } from "./storage/file-store.ts";
import type { NewTokens, StoredCredentials } from "./stored-credentials.ts";

const LOCK_FILE_NAME = "auth.refresh.lock";
const FAILURE_FILE_NAME = "auth.refresh.failed";
const MAX_FAILURE_BYTES = 4096;
/** A refusal without a known reason may come from a proxy or an outage, so it is not believed for ever. */
const UNEXPLAINED_FAILURE_MAX_AGE_MS = 600_000;

/** Settings of a refresh. */
export interface RefreshContext {
  readonly store: CredentialStore;
  /** Directory of the lock; `undefined` for credentials that exist in this process only. */
  readonly lockDirectory: string | undefined;
  readonly env: Environment;
  readonly client: HttpClientOptions;
  readonly now: () => number;
  readonly warn: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets credentials that are newer than `attempted`, spending its refresh token at most once among all processes that
 * share the store. A process that finds newer credentials takes them over.
 *
 * A permanent refusal is written down beside the credentials (a hash and a reason, no secret), so that every further
 * process fails the same way without another POST.
 */
export async function refreshOnce(
  attempted: StoredCredentials,
  context: RefreshContext,
): Promise<StoredCredentials> {
  for (;;) {
    const renewed = await withCredentialsLock(
      context.lockDirectory,
      context.signal,
      async (lock) => {
        const stored = await loadSameAccount(attempted, context.store);
        // The access token counts too: a server may renew that one alone.
        if (!hasSameRefreshToken(stored, attempted) || !hasSameAccessToken(stored, attempted)) {
          return stored;
        }
        rejectKnownFailure(stored, context);
        // A process that was stopped since it took the lock may have lost it; its token may be spent by now.
        return (await lock.isHeld()) ? spendRefreshToken(stored, context) : undefined;
      },
      "go on",
    );
    if (renewed !== undefined) return renewed;
  }
}

/** A lock that is always held: where nothing is on disk, or nothing can be written there. */
const NO_LOCK: ProcessLock = { isHeld: async () => true, release: async () => {} };
/** Error codes of a directory that cannot be written to. */
const READ_ONLY: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/**
 * Runs `action` while no other process refreshes, logs in or logs out with this directory. In a directory that cannot be
 * written to it rejects, or, for what is of use without the directory, goes on without a lock.
 */
export async function withCredentialsLock<T>(
  directory: string | undefined,
  signal: AbortSignal | undefined,
  action: (lock: Pick<ProcessLock, "isHeld">) => Promise<T>,
  readOnly: "reject" | "go on" = "reject",
): Promise<T> {
  if (directory === undefined) return action(NO_LOCK);
  const path = join(directory, LOCK_FILE_NAME);
  const lock = await acquireProcessLock(path, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    if (CredentialsError.is(error)) throw error;
    const code = errorCode(error);
    if (readOnly === "go on" && READ_ONLY.has(code)) return NO_LOCK;
    throw new CredentialsError("store_unavailable", `lock ${path}: ${code}`);
  });
  try {
    await removeAbandonedTemporaries(join(directory, AUTH_FILE_NAME));
    return await action(lock);
  } finally {
    await lock.release();
  }
}

async function spendRefreshToken(
  stored: StoredCredentials,
  context: RefreshContext,
): Promise<StoredCredentials> {
  const url = refreshUrl(context.env);
  const refreshToken = refreshTokenOf(stored);
  // Nothing to ask with: only a new login brings a refresh token.
  if (refreshToken.expose() === "") throw RefreshTokenError.permanent("other");
  let tokens: NewTokens;
  try {
    // Not stopped by the caller's signal: once sent, the token is spent, and the response must reach the disk.
    tokens = await requestTokenRefresh(context.client, { url, refreshToken });
  } catch (error) {
    return adoptOrFail(error, stored, context);
  }
  return saveNewTokens(stored, tokens, context);
}

/** A program without our lock may have refreshed at the same time; then its tokens are on disk. */
async function adoptOrFail(
  error: unknown,
  attempted: StoredCredentials,
  context: RefreshContext,
): Promise<StoredCredentials> {
  if (!(error instanceof RefreshTokenError) || error.kind === "transient") throw error;
  if (error.reason === "exhausted") {
    const stored = await loadSameAccount(attempted, context.store);
    if (!hasSameRefreshToken(stored, attempted)) return stored;
  }
  await writeFailure(attempted, error.reason ?? "other", context);
  throw error;
}

async function saveNewTokens(
  attempted: StoredCredentials,
  tokens: NewTokens,
  context: RefreshContext,
): Promise<StoredCredentials> {
  const stored = await loadSameAccount(attempted, context.store).catch((error: unknown) => {
    // What cannot be read cannot be a newer login; giving up here would lose the only tokens that still work.
    if (error instanceof CredentialsError) return attempted;
    throw error;
  });
  // Somebody logged in again while the POST was under way: a fresh login beats a refreshed one.
  if (!hasSameRefreshToken(stored, attempted)) return stored;
  const renewed = stored.withNewTokens(withoutBrokenIdToken(tokens), context.now());
  try {
    await context.store.save(renewed);
  } catch (error) {
    // The old refresh token is spent either way; this process can at least go on with the new one.
    context.warn(
      `refreshed credentials could not be stored (${errorCode(error)}); log in again after this run`,
    );
  }
  return renewed;
}

/** An id token that cannot be read would make the whole document invalid; the other tokens are worth keeping. */
function withoutBrokenIdToken(tokens: NewTokens): NewTokens {
  const { idToken } = tokens;
  if (idToken === undefined || readTokenClaims(idToken.expose()) !== undefined) return tokens;
  return { ...tokens, idToken: undefined };
}

async function loadSameAccount(
  attempted: StoredCredentials,
  store: CredentialStore,
): Promise<StoredCredentials> {
  const stored = await store.load();
  const isSame =
    stored?.tokens !== undefined &&
    stored.mode === attempted.mode &&
    stored.tokens.accountId === attempted.tokens?.accountId;
  if (!isSame) throw RefreshTokenError.permanent("account_mismatch");
  return stored;
}

function hasSameRefreshToken(left: StoredCredentials, right: StoredCredentials): boolean {
  return refreshTokenOf(left).equals(refreshTokenOf(right));
}

function hasSameAccessToken(left: StoredCredentials, right: StoredCredentials): boolean {
  return left.tokens?.accessToken.equals(right.tokens?.accessToken) ?? false;
}

function refreshTokenOf(credentials: StoredCredentials): Secret {
  const { tokens } = credentials;
  if (tokens === undefined) throw RefreshTokenError.permanent("other");
  return tokens.refreshToken;
}

function rejectKnownFailure(credentials: StoredCredentials, context: RefreshContext): void {
  if (context.lockDirectory === undefined) return;
  const failure = readFailure(join(context.lockDirectory, FAILURE_FILE_NAME));
  if (failure.fingerprint !== fingerprintOf(credentials, context)) return;
  const ageMs = context.now() - failure.recordedAtMs;
  // A record from the future was written before the clock was set back; its age is unknown.
  const isRecent = ageMs >= 0 && ageMs <= UNEXPLAINED_FAILURE_MAX_AGE_MS;
  if (failure.reason === "other" && !isRecent) return;
  throw RefreshTokenError.permanent(failure.reason);
}

async function writeFailure(
  credentials: StoredCredentials,
  reason: RefreshFailureReason,
  context: RefreshContext,
): Promise<void> {
  if (context.lockDirectory === undefined) return;
  const failure: RecordedFailure = {
    fingerprint: fingerprintOf(credentials, context),
    reason,
    recordedAtMs: context.now(),
  };
  // Only spares others a POST; the failure itself is reported whether this can be written or not.
  await replaceFile(join(context.lockDirectory, FAILURE_FILE_NAME), JSON.stringify(failure)).catch(
    () => {},
  );
}

/** Forgets a recorded refusal, e.g. after a login. */
export async function removeRecordedFailure(directory: string): Promise<void> {
  await rm(join(directory, FAILURE_FILE_NAME), { force: true });
}

/** Content of the file. A fingerprint that is missing or of another token makes it meaningless. */
interface RecordedFailure {
  readonly fingerprint: string | undefined;
  readonly reason: RefreshFailureReason;
  readonly recordedAtMs: number;
}

/** A file that cannot be read is no record. */
function readFailure(path: string): RecordedFailure {
  try {
    const text = readPlainText(path, { maxBytes: MAX_FAILURE_BYTES });
    const { fingerprint, reason, recordedAtMs } = JSON.parse(text) as Record<string, unknown>;
    return {
      fingerprint: typeof fingerprint === "string" ? fingerprint : undefined,
      reason: REASONS.find((candidate) => candidate === reason) ?? "other",
      recordedAtMs: typeof recordedAtMs === "number" ? recordedAtMs : 0,
    };
  } catch {
    return { fingerprint: undefined, reason: "other", recordedAtMs: 0 };
  }
}

const REASONS: readonly RefreshFailureReason[] = ["expired", "exhausted", "revoked", "other"];

/** Bound to the endpoint as well: a refusal by a test server says nothing about the real one. */
function fingerprintOf(credentials: StoredCredentials, { env }: RefreshContext): string {
  const token = refreshTokenOf(credentials).expose();
  return createHash("sha256")
    .update(`${refreshUrl(env)}\n${token}`)
    .digest("hex");
}
