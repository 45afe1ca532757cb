import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { type Child, startChild } from "../support/child-process.ts";
import { accessToken, chatgptLogin, manager, writeAuthFile } from "../support/logins.ts";
import { type Loopback, startLoopback } from "../support/loopback.ts";

const HOLD_LOCK = new URL("../support/children/hold-lock.ts", import.meta.url);
const REFRESH = new URL("../support/children/refresh.ts", import.meta.url);

/**
 * Sixteen owners of one login. In the suite four processes have four each, because starting a process costs more than all
 * the rest; CODEX_TS_STRESS_PROCESSES=16 gives each one a process of its own.
 */
const OWNERS = 16;
const PROCESSES = Number(process.env["CODEX_TS_STRESS_PROCESSES"] ?? 4);
const expired = () => chatgptLogin({ expiresInMs: -60_000 });

/** Rotates tokens and, like the real one, withdraws the whole login when a token is used twice. */
function familyRevokingServer(onRequest: () => Promise<void> | void = () => {}): Promise<Loopback> {
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

async function startReady(
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

/** Reads the file over and over; every single read must give a whole document. */
async function watchFile(path: string, isOver: () => boolean): Promise<Set<string>> {
  const tokens = new Set<string>();
  while (!isOver()) {
    const document = JSON.parse(await readFile(path, "utf8")) as ReturnType<typeof expired>;
    tokens.add(document.tokens.refresh_token);
  }
  return tokens;
}

test("[provider/27b] 16 owners of one expired login in several processes: exactly one refresh, all go on, the file is always whole", async () => {
  await using home = await temporaryDirectory();
  await using server = await familyRevokingServer();
  await writeAuthFile(home.path, expired());
  const children = await startReady(PROCESSES, home.path, server, OWNERS / PROCESSES);

  let isOver = false;
  const watching = watchFile(join(home.path, "auth.json"), () => isOver);
  for (const child of children) child.tell("go");
  const outcomes = await Promise.all(children.map((child) => child.nextLine()));
  isOver = true;

  expect(server.requests).toHaveLength(1);
  const renewed = { authorization: `Bearer ${accessToken({ marker: "second" })}` };
  expect(outcomes.flatMap((line) => JSON.parse(line ?? "[]") as unknown[])).toEqual(
    Array.from({ length: OWNERS }, () => renewed),
  );
  expect([...(await watching)]).toEqual(["refresh-1", "refresh-2"]);
}, 30_000);

test("[provider/kill-between] killed while the answer is on its way: file whole, one further call in total, the same error for all", async () => {
  await using home = await temporaryDirectory();
  let victim: Child | undefined;
  await using server = await familyRevokingServer(async () => {
    await victim?.kill();
    victim = undefined;
  });
  await writeAuthFile(home.path, expired());
  const [child] = await startReady(1, home.path, server);
  victim = child;
  child?.tell("go");
  await waitFor(() => child?.process.signalCode === "SIGKILL");
  const document = expired();
  expect(JSON.parse(await readFile(join(home.path, "auth.json"), "utf8"))).toEqual(document);

  const env = { CODEX_REFRESH_TOKEN_URL_OVERRIDE: server.url };
  const survivors = Array.from({ length: 4 }, () => manager(home.path, { env }));
  const failures = await Promise.all(
    survivors.map((survivor) =>
      survivor.refreshTokenFromAuthority().catch((error: unknown) => error),
    ),
  );
  for (const failure of failures) {
    expect(failure).toMatchObject({ kind: "permanent", reason: "exhausted" });
    expect((failure as Error).message).toMatch(/log in again/);
  }
  expect(server.requests).toHaveLength(2);
  expect(JSON.parse(await readFile(join(home.path, "auth.json"), "utf8"))).toEqual(document);
}, 30_000);

test("[provider/kill-before] killed while holding the lock, before anything was sent: nobody is harmed", async () => {
  await using home = await temporaryDirectory();
  await using server = await familyRevokingServer();
  await writeAuthFile(home.path, expired());
  await using child = startChild(HOLD_LOCK, [join(home.path, "auth.refresh.lock")]);
  await child.nextLine();
  await child.kill();

  const env = { CODEX_REFRESH_TOKEN_URL_OVERRIDE: server.url };
  const survivors = Array.from({ length: 4 }, () => manager(home.path, { env }));
  await Promise.all(survivors.map((survivor) => survivor.auth()));
  expect(server.requests).toHaveLength(1);
  expect(survivors.map((survivor) => survivor.permanentFailure())).toEqual(
    survivors.map(() => undefined),
  );
}, 30_000);

test("[provider/kill-after] killed once the new file is on disk: everybody goes on without a call", async () => {
  await using home = await temporaryDirectory();
  await using server = await familyRevokingServer();
  await writeAuthFile(home.path, expired());
  const [child] = await startReady(1, home.path, server);
  child?.tell("go");
  await waitFor(async () =>
    (await readFile(join(home.path, "auth.json"), "utf8")).includes("refresh-2"),
  );
  await child?.kill();

  const env = { CODEX_REFRESH_TOKEN_URL_OVERRIDE: server.url };
  const survivors = Array.from({ length: 4 }, () => manager(home.path, { env }));
  const snapshots = await Promise.all(survivors.map((survivor) => survivor.auth()));
  expect(snapshots.every((snapshot) => snapshot?.accountId === "acct-1")).toBe(true);
  expect(server.requests).toHaveLength(1);
}, 30_000);
