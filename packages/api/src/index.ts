// Every line here is public API: adding one needs a changeset.
export { HeaderBag } from "./headers.ts";

export type { AuthProvider, OutboundRequest } from "./auth-provider.ts";
export type { ApiProvider, RetryPolicy } from "./provider.ts";
export type { ResponseStream } from "./response-stream.ts";
