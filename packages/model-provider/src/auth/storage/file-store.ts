import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FileRefusedError, decodeText, readPlainFile } from "@codex-ts/api/internal";
import { CredentialsError } from "../../errors.ts";
import { errorCode } from "../../internal/error-code.ts";
import { StoredCredentials } from "../stored-credentials.ts";
import { replaceFile } from "./atomic-file.ts";
import type { CredentialStore } from "./credential-store.ts";

/** The file name inside the home directory, shared with Codex. */
export const AUTH_FILE_NAME = "auth.json";

/** A login is a few kilobytes; anything longer is not one. */
const MAX_FILE_BYTES = 1_048_576;
/** Codex before 0.169 writes the file in place, so that a reader may meet a half-written one for a moment. */
const READ_ATTEMPTS = 5;
const READ_AGAIN_AFTER_MS = 20;

/** Credentials in `<codexHome>/auth.json`: mode 0600, replaced atomically. */
export function fileCredentialStore(codexHome: string): CredentialStore {
  const path = join(codexHome, AUTH_FILE_NAME);
  return {
    location: path,
    async load() {
      for (let attempt = 1; ; attempt += 1) {
        const bytes = readExisting(path);
        if (bytes === undefined) return undefined;
        try {
          return parseFile(bytes);
        } catch (error) {
          if (attempt === READ_ATTEMPTS) throw unusableFile(path, error);
        }
        await delay(READ_AGAIN_AFTER_MS);
      }
    },
    async save(credentials) {
      await replaceFile(path, credentials.serialize("pretty")).catch((error: unknown) => {
        throw new CredentialsError("store_unavailable", `write ${path}: ${errorCode(error)}`);
      });
    },
    async remove() {
      try {
        await rm(path);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw new CredentialsError("store_unavailable", `remove ${path}: ${errorCode(error)}`);
      }
    },
  };
}

/** Editors may have saved the file in another encoding than Codex writes; the next refresh writes it as Codex does. */
function parseFile(bytes: Uint8Array): StoredCredentials {
  const decoded = decodeText(bytes);
  if ("problem" in decoded) throw new CredentialsError("credentials_unreadable", decoded.problem);
  return StoredCredentials.parse(decoded.text);
}

function readExisting(path: string): Uint8Array | undefined {
  try {
    return readPlainFile(path, { maxBytes: MAX_FILE_BYTES });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new CredentialsError(
      "credentials_unreadable",
      error instanceof FileRefusedError
        ? `${path} is not a file of at most ${MAX_FILE_BYTES} bytes; move it away and log in again`
        : `${path} cannot be read: ${reasonOf(error)}`,
    );
  }
}

function unusableFile(path: string, error: unknown): CredentialsError {
  const problem = CredentialsError.is(error) ? error.message : "unexpected content";
  return new CredentialsError(
    "credentials_unreadable",
    `${path} cannot be used: ${problem}; correct the file, or remove it and log in again`,
  );
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR";
}

function reasonOf(error: unknown): string {
  const code = errorCode(error);
  return code === "EACCES" || code === "EPERM"
    ? "permission denied; make it readable for this user"
    : code;
}
