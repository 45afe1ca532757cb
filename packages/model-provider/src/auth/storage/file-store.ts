import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CredentialsError } from "../../errors.ts";
import { StoredCredentials } from "../stored-credentials.ts";
import { replaceFile } from "./atomic-file.ts";
import type { CredentialStore } from "./credential-store.ts";

/** The file name inside the home folder, shared with Codex. */
export const AUTH_FILE_NAME = "auth.json";

/** Credentials in `<codexHome>/auth.json`: mode 0600, replaced atomically. */
export function fileCredentialStore(codexHome: string): CredentialStore {
  const path = join(codexHome, AUTH_FILE_NAME);
  return {
    async load() {
      const text = await readExisting(path);
      if (text === undefined) return undefined;
      try {
        return StoredCredentials.parse(text);
      } catch (error) {
        throw unusableFile(path, error);
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
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new CredentialsError("credentials_unreadable", `read ${path}: ${codeOf(error)}`);
  }
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
