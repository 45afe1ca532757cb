import { createHash, randomBytes } from "node:crypto";
import { chmodSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileRefusedError, makeDirectory, readPlainFile } from "@codex-ts/api/internal";
import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject } from "@codex-ts/protocol";

/** Codex's own file (0.140 and 0.171): the two share logins. */
const FILE_NAME = ".credentials.json";
const FILE_MODE = 0o600;
/** A login is a few kilobytes; there are not thousands of them. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** A login at a server on the network. */
export interface McpLogin {
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Unix milliseconds. */
  readonly expiresAtMs: number | undefined;
  readonly scopes: readonly string[];
  readonly issuer: string | undefined;
}

/** Whose login it is: the same name with another URL is another server. */
export interface McpLoginKey {
  readonly codexHome: string;
  readonly server: string;
  readonly url: string;
}

/** The stored login; `undefined` when there is none that can be read. */
export function readMcpLogin(key: McpLoginKey): McpLogin | undefined {
  const entry = readFile(key.codexHome)[entryName(key)];
  if (!isJsonObject(entry)) return undefined;
  const { client_id, access_token, refresh_token, expires_at, scopes, issuer } = entry;
  if (typeof client_id !== "string" || typeof access_token !== "string") return undefined;
  return {
    clientId: client_id,
    accessToken: access_token,
    refreshToken: typeof refresh_token === "string" ? refresh_token : undefined,
    expiresAtMs: typeof expires_at === "number" ? expires_at : undefined,
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [],
    issuer: typeof issuer === "string" ? issuer : undefined,
  };
}

/** Keeps a login in the place of the one before. Throws what the file system throws. */
export function writeMcpLogin(key: McpLoginKey, login: McpLogin): void {
  writeFile(key.codexHome, {
    ...readFile(key.codexHome),
    [entryName(key)]: {
      server_name: key.server,
      server_url: key.url,
      ...(login.issuer !== undefined && { issuer: login.issuer }),
      client_id: login.clientId,
      access_token: login.accessToken,
      ...(login.expiresAtMs !== undefined && { expires_at: login.expiresAtMs }),
      ...(login.refreshToken !== undefined && { refresh_token: login.refreshToken }),
      scopes: login.scopes,
    },
  });
}

/** Forgets a login. Returns whether there was one. */
export function removeMcpLogin(key: McpLoginKey): boolean {
  const { [entryName(key)]: entry, ...others } = readFile(key.codexHome);
  if (entry === undefined) return false;
  if (Object.keys(others).length > 0) writeFile(key.codexHome, others);
  else rmSync(fileOf(key.codexHome), { force: true });
  return true;
}

function entryName({ server, url }: McpLoginKey): string {
  const identity = JSON.stringify({ type: "http", url, headers: {} });
  return `${server}|${createHash("sha256").update(identity).digest("hex").slice(0, 16)}`;
}

function fileOf(codexHome: string): string {
  return join(codexHome, FILE_NAME);
}

/** Throws for a file that is there and is no store: writing would lose what it holds. */
function readFile(codexHome: string): JsonObject {
  const file = fileOf(codexHome);
  let text: string;
  try {
    text = Buffer.from(readPlainFile(file, { maxBytes: MAX_FILE_BYTES })).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    if (error instanceof FileRefusedError) {
      throw new Error(`${file} is no store of logins: ${error.message}`, { cause: error });
    }
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below, without the text, which holds tokens.
  }
  throw new Error(`${file} is no store of logins; move it away`);
}

function writeFile(codexHome: string, content: JsonObject): void {
  makeDirectory(codexHome);
  const named = fileOf(codexHome);
  const file = targetOf(named);
  const draft = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(draft, JSON.stringify(content), { mode: FILE_MODE, flag: "wx" });
    chmodSync(draft, FILE_MODE);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** A link stays one. */
function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
