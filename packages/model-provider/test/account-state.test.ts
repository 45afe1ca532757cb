import { expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import {
  parseModelProviders,
  providerAccountState,
  providerCapabilities,
} from "@codex-ts/model-provider";
import type { ModelProviderInfo } from "@codex-ts/model-provider";
import { chatgptLogin, jwt, manager, refreshEnv, writeAuthFile } from "./support/logins.ts";
import { startLoopback } from "./support/loopback.ts";

function info(id: string): ModelProviderInfo {
  const table = { mine: { name: "Mine" } };
  const found = parseModelProviders(table, { env: {}, clientVersion: "0.140.0" }).get(id);
  if (found === undefined) throw new Error("no provider");
  return found;
}

async function loaded(home: string, document?: object) {
  if (document !== undefined) await writeAuthFile(home, document);
  const subject = manager(home);
  await subject.auth();
  return subject;
}

test("[provider/account] only a provider that wants the login reports an account", async () => {
  await using home = await temporaryDirectory();
  expect(providerAccountState(info("openai"), await loaded(home.path))).toEqual({
    account: undefined,
    requiresOpenaiAuth: true,
  });
  const subject = await loaded(home.path, chatgptLogin());
  expect(providerAccountState(info("openai"), subject)).toEqual({
    account: { type: "chatgpt", email: "user@example.com", planType: "pro" },
    requiresOpenaiAuth: true,
  });
  expect(providerAccountState(info("mine"), subject)).toEqual({
    account: undefined,
    requiresOpenaiAuth: false,
  });
  expect(providerAccountState(info("amazon-bedrock"), undefined)).toEqual({
    account: { type: "amazonBedrock" },
    requiresOpenaiAuth: false,
  });
  const keyed = await loaded(home.path, { auth_mode: "apikey", OPENAI_API_KEY: "k" });
  expect(providerAccountState(info("openai"), keyed).account).toEqual({ type: "apiKey" });
});

test("[provider/account] a login without e-mail or plan is an error; one refused for good is no account", async () => {
  await using home = await temporaryDirectory();
  const login = chatgptLogin();
  const anonymous = { ...login, tokens: { ...login.tokens, id_token: jwt({}) } };
  const subject = await loaded(home.path, anonymous);
  expect(() => providerAccountState(info("openai"), subject)).toThrow(
    /^email and plan type are required for chatgpt authentication/,
  );

  await using server = await startLoopback(() => ({ status: 401 }));
  await writeAuthFile(home.path, login);
  const refused = manager(home.path, { env: refreshEnv(server.url) });
  await refused.refreshTokenFromAuthority().catch(() => {});
  expect(refused.authCached()).toBeDefined();
  expect(providerAccountState(info("openai"), refused).account).toBeUndefined();
});

test("[provider/capabilities] what providers can do, and their helper models", () => {
  expect(providerCapabilities(info("openai"))).toEqual({
    namespaceTools: true,
    imageGeneration: true,
    webSearch: true,
    helperModels: {
      approvalReview: "codex-auto-review",
      memoryExtraction: "gpt-5.4-mini",
      memoryConsolidation: "gpt-5.4",
    },
  });
  expect(providerCapabilities(info("amazon-bedrock"))).toMatchObject({
    namespaceTools: true,
    imageGeneration: false,
    webSearch: false,
    helperModels: { approvalReview: "openai.gpt-5.4" },
  });
});
