// Every line here is public API: adding one needs a changeset.
export type { ModelProvider } from "./model-provider.ts";
export type { ModelProviderInfo } from "./provider-info.ts";
