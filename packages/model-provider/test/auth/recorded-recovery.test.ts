import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { attached } from "../support/headers.ts";
import { manager, refreshEnv, writeAuthFile } from "../support/logins.ts";
import { startLoopback } from "../support/loopback.ts";

const CORPUS = fileURLToPath(new URL("../../../../../shared/conformance/bundles", import.meta.url));

interface RecordedRequest {
  readonly n: number;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: unknown;
}

interface ServedAnswer {
  readonly request: number;
  readonly status: number;
  readonly body?: Record<string, string>;
}

function read(version: string, file: string): unknown {
  return JSON.parse(readFileSync(`${CORPUS}/${version}/chatgpt-auth-http/${file}`, "utf8"));
}

const credentialsOf = ({ headers }: RecordedRequest): Record<string, string> =>
  Object.fromEntries(
    headers.filter(([name]) => ["authorization", "chatgpt-account-id"].includes(name)),
  );

/** Names every client adds by itself, or that differ with the server's address. */
const TRANSPORT_HEADERS = new Set(["host", "content-length", "connection"]);
const namesOf = (names: readonly string[]) => names.filter((name) => !TRANSPORT_HEADERS.has(name));

test.skipIf(!existsSync(CORPUS)).each(["0.132.0", "0.140.0"])(
  "[provider/recorded-401] a login refused by the server sends what Codex %s sent",
  async (version) => {
    const recorded = read(version, "requests.json") as RecordedRequest[];
    const served = read(version, "served.json") as ServedAnswer[];
    const refresh = recorded.find(({ path }) => path === "/oauth/token");
    const tokens = served.find(({ request }) => request === refresh?.n)?.body;
    const modelRequests = recorded.filter(({ path }) => path.endsWith("/responses"));
    const first = modelRequests.map((request) => credentialsOf(request))[0];

    await using home = await temporaryDirectory();
    await using server = await startLoopback(() => ({ body: tokens ?? {} }));
    await writeAuthFile(home.path, {
      auth_mode: "chatgpt",
      OPENAI_API_KEY: null,
      tokens: {
        id_token: tokens?.["id_token"],
        access_token: first?.["authorization"]?.slice("Bearer ".length),
        refresh_token: "rt-mock",
        account_id: first?.["chatgpt-account-id"],
      },
      last_refresh: new Date().toISOString(),
    });
    const subject = manager(home.path, { env: refreshEnv(server.url) });

    const sent: unknown[] = [];
    let recovery = subject.unauthorizedRecovery();
    for (const { n } of modelRequests) {
      sent.push(attached((await subject.auth())?.authProvider));
      const status = served.find(({ request }) => request === n)?.status;
      if (status === 401) await recovery.next();
      else recovery = subject.unauthorizedRecovery();
    }

    expect(sent).toEqual(modelRequests.map((request) => credentialsOf(request)));
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.json).toEqual(refresh?.body);
    expect(namesOf(Object.keys(server.requests[0]?.headers ?? {}))).toEqual(
      namesOf(refresh?.headers.map(([name]) => name) ?? []),
    );
    expect(server.requests[0]?.headers["accept"]).toBe("*/*");
  },
);
