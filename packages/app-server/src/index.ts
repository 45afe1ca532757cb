// Every line here is public API: adding one needs a changeset.
export { createAppServer } from "./app-server.ts";

export type { AppServer, ClientStreams } from "./app-server.ts";
export type {
  AccountReading,
  AppServerHost,
  AppServerOptions,
  ClientInfo,
  ConfigReading,
  ThreadRequest,
} from "./app-server-options.ts";
