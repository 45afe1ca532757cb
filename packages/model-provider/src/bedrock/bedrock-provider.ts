import { toApiProvider } from "../api-provider.ts";
import { BearerAuthProvider } from "../auth/auth-providers.ts";
import { type Environment, readVariable } from "../environment.ts";
import type { ModelProvider } from "../model-provider.ts";
import type { ModelProviderInfo } from "../provider-info.ts";
import { loadAwsPackage } from "./aws-packages.ts";
import { type RegionSources, bearerRegion, bedrockBaseUrl, signingRegion } from "./region.ts";
import { type AwsCredentials, signingAuthProvider } from "./signer.ts";

const BEARER_VARIABLE = "AWS_BEARER_TOKEN_BEDROCK";

/** Options of {@link createBedrockProvider}. */
export interface BedrockProviderOptions {
  /** Id in the configuration: `amazon-bedrock`. */
  readonly id: string;
  readonly info: ModelProviderInfo;
  readonly env: Environment;
  /** Keys to sign with. Default: the AWS SDK's chain (environment, profiles, SSO, containers, instances). */
  readonly credentials?: (() => Promise<AwsCredentials>) | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/**
 * Amazon Bedrock: a bearer key from `AWS_BEARER_TOKEN_BEDROCK`, else requests signed with AWS credentials. Its methods
 * reject with `ProviderConfigError` when no usable region is known or an optional AWS package is missing.
 */
export function createBedrockProvider(options: BedrockProviderOptions): ModelProvider {
  const { id, info, env, now = Date.now } = options;
  const sources: RegionSources = { configured: info.aws?.region, env, profile: info.aws?.profile };
  const bearerToken = () => readVariable(env, BEARER_VARIABLE);
  const credentials = options.credentials ?? awsChain(info.aws?.profile);
  const region = async () =>
    bearerToken() === undefined ? signingRegion(sources) : bearerRegion(sources);
  return {
    id,
    info,
    authMode: async () => (bearerToken() === undefined ? "bedrockAccessKeys" : "bedrockApiKey"),
    async apiProvider() {
      return toApiProvider({ ...info, baseUrl: bedrockBaseUrl(await region()) }, env, undefined);
    },
    async apiAuth() {
      const token = bearerToken();
      if (token !== undefined) return new BearerAuthProvider({ token });
      return signingAuthProvider({ region: await region(), credentials, now });
    },
  };
}

/** The chain caches and renews by itself, so one is enough for the life of the provider. */
function awsChain(profile: string | undefined): () => Promise<AwsCredentials> {
  let chain: (() => Promise<AwsCredentials>) | undefined;
  return async () => {
    if (chain === undefined) {
      const { fromNodeProviderChain } = await loadAwsPackage(
        "@aws-sdk/credential-providers",
        () => import("@aws-sdk/credential-providers"),
      );
      chain ??= fromNodeProviderChain(profile === undefined ? {} : { profile });
    }
    return chain();
  };
}
