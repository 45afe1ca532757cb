import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import { type ChatgptLogin, accessToken, chatgptLogin } from "./logins.ts";
import { type Loopback, startLoopback } from "./loopback.ts";

const REFRESH = new URL("./children/refresh.ts", import.meta.url);

/** What one owner in a child process tells at the end. */
export interface RefreshOutcome {
  readonly authorization?: string;
  readonly failure?: string;
}

/** A login that everybody wants to refresh at once. */
export const expired = (): ChatgptLogin => chatgptLogin({ expiresInMs: -60_000 });

/** Rotates tokens and, like the real one, withdraws the whole login when a token is used twice. */
export function familyRevokingServer(
  onRequest: () => Promise<void> | void = () => {},
): Promise<Loopback> {
  let current: string | undefined = "refresh-1";
  return startLoopback(async (request) => {
    const { refresh_token } = request.json as { refresh_token: string };
    const isCurrent = refresh_token === current;
    current = isCurrent ? "refresh-2" : undefined;
    await onRequest();
    if (!isCurrent) return { status: 401, body: { error: { code: "refresh_token_reused" } } };
    return {
      body: { access_token: accessToken({ marker: "second" }), refresh_token: "refresh-2" },
    };
  });
}

/** Processes that have loaded everything and wait for a line before they ask for credentials. */
export async function startReady(
  count: number,
  home: string,
  server: Loopback,
  managersEach = 1,
): Promise<Child[]> {
  const args = [home, server.url, String(managersEach)];
  const children = Array.from({ length: count }, () => startChild(REFRESH, args));
  await Promise.all(children.map((child) => child.nextLine()));
  return children;
}

/** Reads the file over and over; every single read must give a whole document. Gives the refresh tokens seen. */
export async function watchFile(path: string, isOver: () => boolean): Promise<Set<string>> {
  const tokens = new Set<string>();
  do {
    const document = JSON.parse(await readFile(path, "utf8")) as ChatgptLogin;
    tokens.add(document.tokens.refresh_token);
  } while (!isOver());
  return tokens;
}

/** Kills the process that holds the lock at this moment, else any one. */
export async function killSomebody(
  children: readonly Child[],
  home: string,
  random: () => number,
): Promise<Child | undefined> {
  const lock = await readFile(join(home, "auth.refresh.lock"), "utf8").catch(() => "{}");
  const { pid } = JSON.parse(lock || "{}") as { pid?: number };
  const holder = children.find((child) => child.process.pid === pid);
  const victim = holder ?? children[Math.floor(random() * children.length)];
  await victim?.kill();
  return victim;
}
