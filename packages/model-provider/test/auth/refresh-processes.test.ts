import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isLongForm, seededRandom, temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { type Child, startChild } from "../support/child-process.ts";
import { accessToken, manager, writeAuthFile } from "../support/logins.ts";
import {
  type RefreshOutcome,
  expired,
  familyRevokingServer,
  killSomebody,
  startReady,
  watchFile,
} from "../support/shared-login.ts";

const HOLD_LOCK = new URL("../support/children/hold-lock.ts", import.meta.url);

/**
 * Sixteen owners of one login. In the suite two processes have eight each, because starting a process costs more than all
 * the rest; in the long form each one has a process of its own, and `pnpm run stress` repeats that for several rounds.
 */
const OWNERS = 16;
const PROCESSES = isLongForm ? OWNERS : 2;
const ROUNDS = Number(process.env["CODEX_TS_STRESS_ROUNDS"] ?? 1);
const FIRST_SEED = Number(process.env["CODEX_TS_STRESS_SEED"] ?? 1);
const rounds = Array.from({ length: ROUNDS }, (_, round) => FIRST_SEED + round);

test.each(rounds)(
  "[provider/27b] 16 owners of one expired login in several processes: exactly one refresh, all go on, the file is always whole (round %d)",
  async () => {
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
  },
  30_000,
);

test.each(rounds)(
  "[provider/stress-kill] whoever is killed at whatever instant: the file is always whole, and the others all go on or all fail for good (seed %d)",
  async (seed) => {
    const random = seededRandom(seed);
    await using home = await temporaryDirectory();
    await using server = await familyRevokingServer(() => {
      // An answer takes its time, so that owners die on both sides of it.
      return new Promise((resolve) => setTimeout(resolve, random() * 20));
    });
    await writeAuthFile(home.path, expired());
    // One to kill, and others that have to agree.
    const children = await startReady(Math.max(PROCESSES, 3), home.path, server);
    let isOver = false;
    const watching = watchFile(join(home.path, "auth.json"), () => isOver);
    for (const child of children) child.tell("go");
    await new Promise((resolve) => setTimeout(resolve, random() * 60));
    const victim = await killSomebody(children, home.path, random);
    const survivors = children.filter((child) => child !== victim);
    const lines = await Promise.all(survivors.map((child) => child.nextLine()));
    isOver = true;

    const outcomes = lines.flatMap((line) => JSON.parse(line ?? "[]") as RefreshOutcome[]);
    expect(outcomes).toHaveLength(survivors.length);
    const isLost = outcomes.some(({ failure }) => failure !== undefined);
    expect(server.requests).toHaveLength(isLost ? 2 : 1);
    expect((await watching).has("refresh-2")).toBe(!isLost);
    for (const { authorization, failure } of outcomes) {
      const wanted = isLost ? expired().tokens.access_token : accessToken({ marker: "second" });
      expect([authorization, failure]).toEqual([
        `Bearer ${wanted}`,
        isLost ? "exhausted" : undefined,
      ]);
    }
  },
  60_000,
);

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
