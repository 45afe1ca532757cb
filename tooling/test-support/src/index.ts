export { manualClock } from "./clock.ts";
export type { ManualClock } from "./clock.ts";
export { startLoginServer, tokensOf } from "./login-server.ts";
export type { LoginServer, LoginServerOptions, LoginTokens } from "./login-server.ts";
export { readmeCodeBlocks } from "./readme.ts";
export { temporaryDirectory } from "./temporary-directory.ts";
export type { TemporaryDirectory } from "./temporary-directory.ts";
export { seededRandom } from "./random.ts";
export { waitFor } from "./wait-for.ts";
