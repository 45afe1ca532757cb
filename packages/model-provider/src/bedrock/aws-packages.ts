import { ProviderConfigError } from "../errors.ts";

/** Loads an optional package of the AWS SDK; a missing one is an error that says what to install. */
export async function loadAwsPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new ProviderConfigError(
      "",
      `Amazon Bedrock needs the package ${name}: install it, or set AWS_BEARER_TOKEN_BEDROCK and a region`,
      { cause: error },
    );
  }
}
