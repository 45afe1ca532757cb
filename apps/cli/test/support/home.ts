import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Handshake, type Script, startResponsesServer } from "@codex-ts/responses-server";
import type { ResponsesServer } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";

/** A scripted server and a configuration directory that leads to it; the directory is the working directory too. */
export interface MockHome extends AsyncDisposable {
  readonly path: string;
  readonly server: ResponsesServer;
  /** What a command needs to run there. */
  readonly run: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
}

export interface MockHomeOptions {
  /** Put before the provider table. */
  readonly top?: string;
  /** Put into the provider table. */
  readonly provider?: string;
  /** Responses to WebSocket upgrades. */
  readonly handshakes?: readonly Handshake[];
}

/** Starts the server and writes `config.toml` with one provider, no retries unless asked for. */
export async function mockHome(
  script: Script,
  { top = 'model = "gpt-mock"', provider = "", handshakes }: MockHomeOptions = {},
): Promise<MockHome> {
  const server = await startResponsesServer({ script, ...(handshakes && { handshakes }) });
  const directory = await temporaryDirectory();
  const { path } = directory;
  await writeFile(
    join(path, "config.toml"),
    `${top}
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "${server.url}"
env_key = "MOCK_KEY"
request_max_retries = 0
stream_max_retries = 0
${provider}
`,
  );
  return {
    path,
    server,
    run: {
      cwd: path,
      env: { HOME: path, CODEX_HOME: path, MOCK_KEY: "sk-mock", PATH: process.env["PATH"] ?? "" },
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}
