import { readFileSync, readdirSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { networkFromEnvironment } from "@codex-ts/api";
import { createThread } from "@codex-ts/core";
import type { AuthRecovery, CodexThread } from "@codex-ts/core";
import {
  AuthManager,
  createModelProvider,
  createOssProviderWithBaseUrl,
} from "@codex-ts/model-provider";
import type { ErrorPolicy } from "@codex-ts/protocol";

import type { Exchange, Handshake, ResponsesServer } from "@codex-ts/responses-server";
import { temporaryDirectory, tokensOf, readShardRecords } from "@codex-ts/test-support";
import { INSTALLATION_ID, testModel } from "./harness.ts";
import { startResponsesServer } from "./server.ts";

/** The login a thread starts with, and what a refresh gives. */
export const OLD = tokensOf("old");
export const NEW = tokensOf("new");

/** A thread of somebody who is logged in with ChatGPT. */
export interface LoginScene extends AsyncDisposable {
  readonly server: ResponsesServer;
  readonly thread: CodexThread;
  /** Working directory; holds home and traces. */
  readonly folder: string;
  /** Refresh tokens that were spent, in order. */
  readonly spent: readonly string[];
  readonly sleepsMs: readonly number[];
  /** Puts another login in the place of the stored one; `null`: logs out. */
  store(tokens: typeof OLD | null, accountId?: string | null): Promise<void>;
  /** Everything on disk but the login itself. */
  filesBesidesLogin(): string[];
}

export async function startLoginScene(options: {
  readonly script: readonly Exchange[];
  readonly handshakes?: readonly Handshake[];
  readonly errorPolicy?: ErrorPolicy;
  readonly onAuthRecovery?: (recovery: AuthRecovery) => void;
  /** What a refresh is answered. Default: 200 with the new tokens. */
  readonly refresh?: { readonly status: number; readonly body: object };
}): Promise<LoginScene> {
  const directory = await temporaryDirectory();
  const home = join(directory.path, "home");
  const server = await startResponsesServer({
    script: options.script,
    ...(options.handshakes && { handshakes: options.handshakes }),
  });
  const issuer = await startIssuer(options.refresh ?? { status: 200, body: NEW });
  const { dispatcher } = networkFromEnvironment({});
  const store: LoginScene["store"] = async (tokens, accountId = "acct-1") => {
    const file = join(home, "auth.json");
    if (tokens === null) return rm(file);
    const login = { ...tokens, account_id: accountId };
    const last = new Date().toISOString();
    const document = { auth_mode: "chatgpt", tokens: login, last_refresh: last };
    await writeFile(file, JSON.stringify(document), { mode: 0o600 });
  };
  await mkdir(home);
  await store(OLD);
  const sleepsMs: number[] = [];
  const thread = await createThread({
    provider: createModelProvider({
      id: "mock",
      info: {
        ...createOssProviderWithBaseUrl(server.url),
        name: "mock",
        requiresOpenaiAuth: true,
        requestMaxRetries: 0,
        streamMaxRetries: 2,
        supportsWebsockets: options.handshakes !== undefined,
      },
      env: {},
      clientVersion: "0.0.0",
      authManager: new AuthManager({
        codexHome: home,
        env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${issuer.url}/oauth/token` },
        client: { originator: "codex_ts_test", userAgent: "codex-ts-test/1", dispatcher },
        ephemeral: new Map(),
      }),
    }),
    model: testModel(),
    cwd: directory.path,
    installationId: INSTALLATION_ID,
    trace: { root: join(directory.path, "traces") },
    sleep: async (ms) => void sleepsMs.push(ms),
    ...(options.errorPolicy && { errorPolicy: options.errorPolicy }),
    onAuthRecovery: options.onAuthRecovery,
  });
  return {
    server,
    thread,
    folder: directory.path,
    spent: issuer.spent,
    sleepsMs,
    store,
    filesBesidesLogin: () =>
      readdirSync(directory.path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== "auth.json")
        .flatMap((entry) => textsIn(join(entry.parentPath, entry.name))),
    async [Symbol.asyncDispose]() {
      await thread.close();
      await server.close();
      await dispatcher.destroy();
      await issuer.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** What a file says; of a shard of a trace what is compressed in it. */
function textsIn(file: string): string[] {
  if (!file.endsWith(".zst")) return [readFileSync(file, "utf8")];
  return [...readShardRecords(readFileSync(file)).values()];
}

async function startIssuer(answer: { readonly status: number; readonly body: object }) {
  const spent: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      spent.push((JSON.parse(text) as { refresh_token: string }).refresh_token);
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spent,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
