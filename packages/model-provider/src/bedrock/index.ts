// Every line here is public API: adding one needs a changeset.
export { createBedrockProvider } from "./bedrock-provider.ts";
export { BEDROCK_MODELS } from "./bedrock-models.ts";
export { BEDROCK_REGIONS } from "./region.ts";

export type { BedrockProviderOptions } from "./bedrock-provider.ts";
export type { AwsCredentials } from "./signer.ts";
