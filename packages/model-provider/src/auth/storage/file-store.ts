import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CredentialsError } from "../../errors.ts";
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
    async load() {
      for (let attempt = 1; ; attempt += 1) {
        const text = await readExisting(path);
        if (text === undefined) return undefined;
        try {
          return StoredCredentials.parse(text);
        } catch (error) {
          if (attempt === READ_ATTEMPTS) throw unusableFile(path, error);
        }
        await delay(READ_AGAIN_AFTER_MS);
      }
    },
    async save(credentials) {
      await replaceFile(path, credentials.serialize("pretty")).catch((error: unknown) => {
        throw new CredentialsError("store_unavailable", `write ${path}: ${codeOf(error)}`);
      });
    },
    async remove() {
      try {
        await rm(path);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw new CredentialsError("store_unavailable", `remove ${path}: ${codeOf(error)}`);
      }
    },
  };
}

async function readExisting(path: string): Promise<string | undefined> {
  try {
    // Looked at first: opening a pipe would wait for a writer for ever.
    const file = await stat(path);
    if (file.isFile() && file.size <= MAX_FILE_BYTES) return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new CredentialsError("credentials_unreadable", `read ${path}: ${codeOf(error)}`);
  }
  throw new CredentialsError(
    "credentials_unreadable",
    `${path} is not a file of at most ${MAX_FILE_BYTES} bytes; move it away and log in again`,
  );
}

function unusableFile(path: string, error: unknown): CredentialsError {
  const problem = CredentialsError.is(error) ? error.message : "unexpected content";
  return new CredentialsError(
    "credentials_unreadable",
    `${path} cannot be used: ${problem}; log in again or remove the file`,
  );
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
