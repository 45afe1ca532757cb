import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret, StoredCredentials } from "@codex-ts/model-provider";
import { chatgptLogin, idToken, jwt } from "../support/logins.ts";

const parse = (document: object) => StoredCredentials.parse(JSON.stringify(document));
const timeOf = (last_refresh: string) => parse({ ...chatgptLogin(), last_refresh }).lastRefreshAtMs;
const claimsOf = (claims: object) =>
  parse({ tokens: { ...chatgptLogin().tokens, id_token: jwt(claims) } }).tokens?.claims;
const authClaim = (facts: object) => ({ "https://api.openai.com/auth": facts });

test.each<[string, object, string]>([
  ["an API key only", { OPENAI_API_KEY: "k" }, "apikey"],
  ["tokens only", { ...chatgptLogin(), auth_mode: undefined }, "chatgpt"],
  [
    "both without a mode",
    { ...chatgptLogin(), auth_mode: undefined, OPENAI_API_KEY: "k" },
    "apikey",
  ],
  ["both with mode chatgpt", { ...chatgptLogin(), OPENAI_API_KEY: "k" }, "chatgpt"],
  [
    "a personal access token",
    { OPENAI_API_KEY: null, personal_access_token: "at-1" },
    "personalAccessToken",
  ],
  ["nothing", {}, "chatgpt"],
])("[provider/18] %s is understood", (_, document, mode) => {
  expect(parse(document).mode).toBe(mode);
});

test("[provider/18b] OPENAI_API_KEY is always written, null when there is none", () => {
  expect(parse({ personal_access_token: "at-1" }).serialize("compact")).toBe(
    '{"OPENAI_API_KEY":null,"personal_access_token":"at-1"}',
  );
  expect(StoredCredentials.fromApiKey(new Secret("sk-1")).serialize("pretty")).toBe(
    '{\n  "auth_mode": "apikey",\n  "OPENAI_API_KEY": "sk-1"\n}',
  );
  expect(StoredCredentials.fromPersonalAccessToken(new Secret("at-1")).serialize("compact")).toBe(
    '{"OPENAI_API_KEY":null,"personal_access_token":"at-1"}',
  );
});

test("[provider/auth-json] a ChatGPT login is written in the order and form of Codex", () => {
  const login = StoredCredentials.fromTokens({
    mode: "chatgpt",
    idToken: new Secret(idToken()),
    accessToken: new Secret("access"),
    refreshToken: new Secret("refresh"),
    accountId: undefined,
    nowMs: Date.UTC(2026, 10, 20),
  });
  expect(login.serialize("pretty")).toBe(
    JSON.stringify(
      {
        auth_mode: "chatgpt",
        OPENAI_API_KEY: null,
        tokens: {
          id_token: idToken(),
          access_token: "access",
          refresh_token: "refresh",
          account_id: null,
        },
        last_refresh: "2026-11-20T00:00:00.000Z",
      },
      null,
      2,
    ),
  );
});

test("[provider/auth-json-time] last_refresh may have any number of fraction digits", () => {
  expect(timeOf("2026-11-20T18:10:55.200482936Z")).toBe(Date.UTC(2026, 10, 20, 18, 10, 55, 200));
  expect(timeOf("2026-11-20T18:10:55Z")).toBe(Date.UTC(2026, 10, 20, 18, 10, 55));
  expect(timeOf("2026-11-20T18:10:55.2Z")).toBe(Date.UTC(2026, 10, 20, 18, 10, 55, 200));
});

test.each<[string, string]>([
  ["no json canary", "not valid JSON"],
  ['{\r\n  "OPENAI_API_KEY": "canary"\r\n  "x": 1}', "not valid JSON at line 3, column 3"],
  ['{"OPENAI_API_KEY": "canary"', "not valid JSON"],
  [" \n", "it is empty"],
  ['{"tokens": {"canary": 1}}', "tokens.id_token is missing"],
  ['{"tokens": "canary"}', "tokens has an unexpected shape"],
  ['{"auth_mode": "canary"}', "auth_mode names a kind of login nobody here knows"],
  ['["canary"]', "the document has an unexpected shape"],
  ["null", "the document has an unexpected shape"],
  [
    JSON.stringify({ tokens: { ...chatgptLogin().tokens, id_token: "canary" } }),
    "tokens.id_token is not a JWT",
  ],
  [JSON.stringify({ ...chatgptLogin(), last_refresh: "canary" }), "last_refresh is not a time"],
])("[provider/18e] %s is refused without repeating it", (text, message) => {
  const parseText = () => StoredCredentials.parse(text);
  expect(parseText).toThrow(message);
  expect(parseText).not.toThrow(/canary/);
});

test("[provider/19] facts of the id token: profile e-mail, user_id, FedRAMP, plan aliases, unknown plans", () => {
  expect(claimsOf({ email: "a@x" })?.email).toBe("a@x");
  expect(claimsOf({ "https://api.openai.com/profile": { email: "b@x" } })?.email).toBe("b@x");
  expect(claimsOf(authClaim({ chatgpt_user_id: "u1", user_id: "u2" }))?.userId).toBe("u1");
  expect(claimsOf(authClaim({ user_id: "u2" }))?.userId).toBe("u2");
  expect(claimsOf(authClaim({ chatgpt_account_is_fedramp: true }))?.isFedrampAccount).toBe(true);
  expect(claimsOf(authClaim({}))?.isFedrampAccount).toBe(false);
  expect(claimsOf(authClaim({ chatgpt_plan_type: "HC" }))?.planType).toBe("enterprise");
  expect(claimsOf(authClaim({ chatgpt_plan_type: "Education" }))?.planType).toBe("edu");
  expect(claimsOf(authClaim({ chatgpt_plan_type: "Galactic" }))?.planType).toBe("Galactic");
  expect(claimsOf({ exp: 17 })?.expiresAtSeconds).toBe(17);
});

test.each([
  "a.b",
  "..",
  "a..c",
  "a.!!.c",
  `a.${Buffer.from("[]").toString("base64url")}.c`,
  "a.eyJ9.c",
])("[provider/19b] %s is not a JWT", (token) => {
  expect(() => parse({ tokens: { ...chatgptLogin().tokens, id_token: token } })).toThrow(
    /not a JWT/,
  );
});

test("[provider/secret-printing] credentials cannot be printed by accident", () => {
  const login = parse({
    ...chatgptLogin({ refreshToken: "canary-refresh" }),
    other: "canary-other",
  });
  const printed = inspect(login, { depth: 10, showHidden: true }) + JSON.stringify(login);
  expect(printed).not.toContain("canary");
  expect(printed).not.toContain(chatgptLogin().tokens.access_token);
});
