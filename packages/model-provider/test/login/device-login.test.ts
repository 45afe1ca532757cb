import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { manualClock, temporaryDirectory } from "@codex-ts/test-support";
import type { ManualClock } from "@codex-ts/test-support";
import { loginWithDeviceCode } from "@codex-ts/model-provider";
import type { DeviceCodePrompt } from "@codex-ts/model-provider";
import { accessToken, idToken, testClient } from "../support/logins.ts";
import { type LoopbackAnswer, startLoopback } from "../support/loopback.ts";

const tokens = { id_token: idToken(), access_token: accessToken(), refresh_token: "refresh-d" };
const granted = {
  authorization_code: "canary-code",
  code_challenge: "c",
  code_verifier: "canary-verifier",
};

interface DeviceScript {
  readonly usercode?: LoopbackAnswer;
  /** One answer per poll; the last one repeats. */
  readonly polls?: readonly LoopbackAnswer[];
  readonly exchange?: LoopbackAnswer;
}

function deviceServer({ usercode, polls = [{ body: granted }], exchange }: DeviceScript) {
  let poll = 0;
  return startLoopback(({ url }) => {
    if (url.endsWith("/usercode")) {
      return usercode ?? { body: { device_auth_id: "dev", user_code: "AB-CD", interval: "5" } };
    }
    if (url.endsWith("/deviceauth/token")) {
      poll += 1;
      return polls[Math.min(poll, polls.length) - 1] ?? {};
    }
    return exchange ?? { body: tokens };
  });
}

async function logIn(home: string, issuer: string, clock: ManualClock = manualClock()) {
  const prompts: DeviceCodePrompt[] = [];
  const context = {
    codexHome: home,
    env: {},
    client: testClient,
    now: clock.now,
    ephemeral: new Map(),
  };
  const account = await loginWithDeviceCode(context, {
    issuer,
    onCode: (prompt) => prompts.push(prompt),
    sleep: clock.sleep,
  });
  return { account, prompts };
}

test("[provider/45] pending answers are waited out, then the login is stored", async () => {
  await using home = await temporaryDirectory();
  await using server = await deviceServer({
    polls: [{ status: 403 }, { status: 404 }, { body: granted }],
  });
  const clock = manualClock();
  const { account, prompts } = await logIn(home.path, server.url, clock);
  expect(prompts).toEqual([{ verificationUrl: `${server.url}/codex/device`, userCode: "AB-CD" }]);
  expect(account.email).toBe("user@example.com");
  expect(clock.sleepsMs).toEqual([5000, 5000]);
  expect(server.requests.map(({ url }) => url)).toEqual([
    "/api/accounts/deviceauth/usercode",
    "/api/accounts/deviceauth/token",
    "/api/accounts/deviceauth/token",
    "/api/accounts/deviceauth/token",
    "/oauth/token",
  ]);
  expect(server.requests[0]?.json).toEqual({ client_id: "app_EMoamEEZ73f0CkXaXp7hrann" });
  expect(server.requests[1]?.json).toEqual({ device_auth_id: "dev", user_code: "AB-CD" });
  expect(Object.fromEntries(new URLSearchParams(server.requests[4]?.text))).toEqual({
    grant_type: "authorization_code",
    code: "canary-code",
    redirect_uri: `${server.url}/deviceauth/callback`,
    client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    code_verifier: "canary-verifier",
  });
  for (const { headers } of server.requests) expect(headers).not.toHaveProperty("originator");
  expect(JSON.parse(await readFile(join(home.path, "auth.json"), "utf8"))).toMatchObject({
    auth_mode: "chatgpt",
    OPENAI_API_KEY: null,
    tokens: { ...tokens, account_id: "acct-1" },
  });
});

test.each<[unknown, number]>([
  ["7", 7000],
  [7, 7000],
  [undefined, 1000],
  ["0", 1000],
  ["soon", 1000],
])("[provider/45b] an interval of %j waits %d ms", async (interval, waitMs) => {
  await using home = await temporaryDirectory();
  await using server = await deviceServer({
    usercode: { body: { device_auth_id: "dev", usercode: "AB", interval } },
    polls: [{ status: 403 }, { body: granted }],
  });
  const clock = manualClock();
  const { prompts } = await logIn(home.path, server.url, clock);
  expect(clock.sleepsMs).toEqual([waitMs]);
  expect(prompts[0]?.userCode).toBe("AB");
});

test.each<[string, DeviceScript, RegExp]>([
  ["not enabled", { usercode: { status: 404 } }, /device code login is not enabled/],
  ["failing request", { usercode: { status: 500 } }, /status 500 Internal Server Error/],
  ["odd answer", { usercode: { body: {} } }, /unexpected shape/],
  ["failing poll", { polls: [{ status: 500 }] }, /device auth failed with status 500/],
  ["failing exchange", { exchange: { status: 400, body: { error: "bad" } } }, /status 400: bad/],
  ["incomplete tokens", { exchange: { body: { id_token: idToken() } } }, /has no access_token/],
])(
  "[provider/45c] %s: a clear error, nothing stored, no secret in it",
  async (_, script, message) => {
    await using home = await temporaryDirectory();
    await using server = await deviceServer(script);
    const error = (await logIn(home.path, server.url).catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ code: "login_failed" });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("canary");
    expect(await readdir(home.path)).toEqual([]);
  },
);

test("[provider/45d] after 15 minutes without an answer the login ends", async () => {
  await using home = await temporaryDirectory();
  await using server = await deviceServer({
    usercode: { body: { device_auth_id: "dev", user_code: "AB", interval: "60" } },
    polls: [{ status: 403 }],
  });
  const clock = manualClock();
  await expect(logIn(home.path, server.url, clock)).rejects.toMatchObject({ reason: "timed_out" });
  expect(clock.sleepsMs.reduce((sum, ms) => sum + ms, 0)).toBe(15 * 60_000);
});

test("an issuer in clear text is refused before anything is sent", async () => {
  await using home = await temporaryDirectory();
  await expect(logIn(home.path, "http://issuer.example")).rejects.toThrow(/must be an https URL/);
});
