import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthError, HeaderBag } from "@codex-ts/api";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { createModelProvider, parseModelProviders } from "@codex-ts/model-provider";
import type { Environment, ModelProvider, ModelProviderInfo } from "@codex-ts/model-provider";
import {
  BEDROCK_REGIONS,
  BEDROCK_MODELS,
  createBedrockProvider,
} from "@codex-ts/model-provider/bedrock";
import type { BedrockProviderOptions } from "@codex-ts/model-provider/bedrock";
import { loadAwsPackage } from "../../src/bedrock/aws-packages.ts";
import { attached } from "../support/headers.ts";

afterEach(() => vi.unstubAllEnvs());

const keys = {
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "canary-secret",
  sessionToken: "session",
};
const now = () => Date.UTC(2026, 10, 20, 12);

function bedrockInfo(aws: object = {}): ModelProviderInfo {
  const info = parseModelProviders(
    { "amazon-bedrock": { aws } },
    { env: {}, clientVersion: "0.140.0" },
  ).get("amazon-bedrock");
  if (info === undefined) throw new Error("no provider");
  return info;
}

const bedrock = (
  aws: object,
  env: Environment,
  options: Partial<BedrockProviderOptions> = {},
): ModelProvider =>
  createBedrockProvider({ id: "amazon-bedrock", info: bedrockInfo(aws), env, now, ...options });

const bearer = { AWS_BEARER_TOKEN_BEDROCK: " bedrock-key " };
const urlOf = async (provider: ModelProvider) => (await provider.apiProvider()).baseUrl;
const url = (region: string) => `https://bedrock-mantle.${region}.api.aws/openai/v1`;

test("[provider/52] a bearer key is attached trimmed; region from configuration, then the two variables", async () => {
  const variables = { ...bearer, AWS_REGION: "us-west-2", AWS_DEFAULT_REGION: "eu-west-2" };
  const provider = bedrock({ region: " eu-west-1 " }, variables);
  expect(await urlOf(provider)).toBe(url("eu-west-1"));
  expect(attached(await provider.apiAuth())).toEqual({ authorization: "Bearer bedrock-key" });
  expect(await urlOf(bedrock({}, variables))).toBe(url("us-west-2"));
  expect(await urlOf(bedrock({}, { ...bearer, AWS_DEFAULT_REGION: "eu-west-2" }))).toBe(
    url("eu-west-2"),
  );
  await expect(urlOf(bedrock({}, bearer))).rejects.toThrow(
    /requires `model_providers\.amazon-bedrock\.aws\.region`, `AWS_REGION`, or `AWS_DEFAULT_REGION`/,
  );
});

test("[provider/52b] a region without the service is refused", async () => {
  await expect(urlOf(bedrock({ region: "mars-1" }, bearer))).rejects.toThrow(
    /^Amazon Bedrock Mantle does not support region `mars-1`/,
  );
  expect(BEDROCK_REGIONS).toContain("us-east-1");
});

test("[provider/52c] without a key the region may come from the AWS profile", async () => {
  await using home = await temporaryDirectory();
  const file = join(home.path, "config");
  await writeFile(file, "[profile work]\nregion = eu-north-1\n");
  vi.stubEnv("AWS_CONFIG_FILE", file);
  expect(await urlOf(bedrock({ profile: "work" }, {}))).toBe(url("eu-north-1"));
});

test("[provider/52d] requests are signed for the service; the body signed is the body sent; a retry is signed again", async () => {
  let loads = 0;
  const provider = bedrock(
    { region: "us-east-1" },
    {},
    {
      credentials: async () => {
        loads += 1;
        return keys;
      },
    },
  );
  const auth = await provider.apiAuth();
  expect(attached(auth)).toEqual({});
  const body = Buffer.from('{"model":"openai.gpt-5.5"}');
  const request = {
    method: "POST",
    url: `${url("us-east-1")}/responses?a=1&b=x%20y`,
    headers: new HeaderBag([
      ["content-type", "application/json"],
      ["session-id", "s"],
      ["x_bad_name", "dropped"],
    ]),
    body,
  };
  const signed = await auth.applyAuth?.(request);
  await auth.applyAuth?.(request);
  expect(loads).toBe(2);
  expect(signed?.body).toBe(body);
  const headers = Object.fromEntries(signed?.headers ?? []);
  expect(Object.keys(headers).toSorted()).toEqual([
    "authorization",
    "content-type",
    "session-id",
    "x-amz-date",
    "x-amz-security-token",
  ]);
  expect(headers["x-amz-date"]).toBe("20261120T120000Z");
  expect(headers["authorization"]).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/20261120\/us-east-1\/bedrock-mantle\/aws4_request, SignedHeaders=content-type;host;session-id;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  );
  expect(JSON.stringify(headers)).not.toContain("canary");
});

test("another body gives another signature", async () => {
  const auth = await bedrock(
    { region: "us-east-1" },
    {},
    { credentials: async () => keys },
  ).apiAuth();
  const sign = async (text: string) => {
    const headers = new HeaderBag();
    const request = { method: "POST", url: `${url("us-east-1")}/responses`, headers };
    const signed = await auth.applyAuth?.({ ...request, body: Buffer.from(text) });
    return signed?.headers.get("authorization");
  };
  expect(await sign("a")).toBe(await sign("a"));
  expect(await sign("a")).not.toBe(await sign("b"));
});

test("[provider/52e] credentials that cannot be loaded are a transient error without details", async () => {
  const credentials = () => Promise.reject(new Error("canary-details"));
  const auth = await bedrock({ region: "us-east-1" }, {}, { credentials }).apiAuth();
  const request = {
    method: "GET",
    url: url("us-east-1"),
    headers: new HeaderBag(),
    body: undefined,
  };
  const error = await auth.applyAuth?.(request).catch((reason: unknown) => reason);
  expect(AuthError.is(error)).toBe(true);
  expect(error).toMatchObject({
    code: "transient",
    message: "failed to load AWS credentials: Error",
  });
});

test("[provider/52f] the AWS chain is used by default", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAFROMENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "canary");
  const auth = await bedrock({ region: "us-east-1" }, {}).apiAuth();
  const request = {
    method: "GET",
    url: url("us-east-1"),
    headers: new HeaderBag(),
    body: undefined,
  };
  const signed = await auth.applyAuth?.(request);
  expect(signed?.headers.get("authorization")).toContain("Credential=AKIAFROMENV/20261120/");
});

test("the general factory gives Bedrock by its name", async () => {
  const provider = createModelProvider({
    id: "amazon-bedrock",
    info: bedrockInfo({ region: "sa-east-1" }),
    env: bearer,
    clientVersion: "0.140.0",
  });
  expect(await urlOf(provider)).toBe(url("sa-east-1"));
  expect(await provider.authMode?.()).toBe("bedrockApiKey");
  expect((await provider.apiProvider()).headers).toBeDefined();
});

test("[provider/52g] the catalogue has two models without service tiers", () => {
  expect(
    BEDROCK_MODELS.map(({ slug, priority, context_window, service_tiers }) => ({
      slug,
      priority,
      context_window,
      service_tiers,
    })),
  ).toEqual([
    { slug: "openai.gpt-5.5", priority: 0, context_window: 272_000, service_tiers: [] },
    { slug: "openai.gpt-5.4", priority: 1, context_window: 272_000, service_tiers: [] },
  ]);
});

test("[provider/52h] a missing AWS package is said at once, with what to install", async () => {
  const provider = bedrock(
    { region: "us-east-1" },
    {},
    {
      credentials: () =>
        loadAwsPackage("@aws-sdk/credential-providers", () => Promise.reject(new Error("none"))),
    },
  );
  const auth = await provider.apiAuth();
  const failure = await auth
    .applyAuth?.({ method: "POST", url: url("us-east-1"), headers: new HeaderBag() } as never)
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AuthError);
  expect(failure).toMatchObject({
    code: "build",
    message: expect.stringContaining("@aws-sdk/credential-providers: install it"),
  });
});
