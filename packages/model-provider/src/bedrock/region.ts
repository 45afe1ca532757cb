import { type Environment, readVariable } from "../environment.ts";
import { ProviderConfigError } from "../errors.ts";
import { loadAwsPackage } from "./aws-packages.ts";

/** Regions where Bedrock offers this API. Source: docs/behavior/model-provider.md 12. */
export const BEDROCK_REGIONS: readonly string[] = [
  "us-east-1",
  "us-east-2",
  "us-west-2",
  "ap-southeast-3",
  "ap-south-1",
  "ap-northeast-1",
  "eu-central-1",
  "eu-west-1",
  "eu-west-2",
  "eu-south-1",
  "eu-north-1",
  "sa-east-1",
];

/** Where a region may be written down. */
export interface RegionSources {
  /** `aws.region`. */
  readonly configured: string | undefined;
  readonly env: Environment;
  /** AWS profile; only asked when credentials come from the AWS chain too. */
  readonly profile: string | undefined;
}

/** Region for a bearer key: configuration, then environment. Throws `ProviderConfigError` when there is none. */
export function bearerRegion({ configured, env }: RegionSources): string {
  const region = explicitRegion(configured, env);
  if (region !== undefined) return checkRegion(region);
  throw new ProviderConfigError(
    "",
    "Amazon Bedrock bearer token auth requires `model_providers.amazon-bedrock.aws.region`, `AWS_REGION`, or `AWS_DEFAULT_REGION`",
  );
}

/** Region for signed requests: as above, then the AWS profile. */
export async function signingRegion({ configured, env, profile }: RegionSources): Promise<string> {
  const region = explicitRegion(configured, env) ?? (await profileRegion(profile, env));
  if (region !== undefined) return checkRegion(region);
  throw new ProviderConfigError(
    "",
    "Amazon Bedrock needs a region; set `model_providers.amazon-bedrock.aws.region`, `AWS_REGION`, or the region of the AWS profile",
  );
}

/** Base URL of the service in a region. */
export function bedrockBaseUrl(region: string): string {
  return `https://bedrock-mantle.${region}.api.aws/openai/v1`;
}

function explicitRegion(configured: string | undefined, env: Environment): string | undefined {
  const trimmed = configured?.trim();
  if (trimmed) return trimmed;
  return readVariable(env, "AWS_REGION") ?? readVariable(env, "AWS_DEFAULT_REGION");
}

async function profileRegion(
  profile: string | undefined,
  env: Environment,
): Promise<string | undefined> {
  const files = await loadAwsPackage(
    "@smithy/shared-ini-file-loader",
    () => import("@smithy/shared-ini-file-loader"),
  );
  const { configFile } = await files.loadSharedConfigFiles();
  const name = profile ?? readVariable(env, "AWS_PROFILE") ?? "default";
  return configFile[name]?.["region"];
}

function checkRegion(region: string): string {
  if (BEDROCK_REGIONS.includes(region)) return region;
  throw new ProviderConfigError(
    "",
    `Amazon Bedrock Mantle does not support region \`${region}\`; choose one of ${BEDROCK_REGIONS.join(", ")}`,
  );
}
