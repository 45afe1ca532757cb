// Logs in with the real Codex and asks `codex-ts login status`, and the other way round, for each kind of login that
// needs no account: both programs have to understand each other's auth.json.
//
//   pnpm conformance:auth [--codex VERSION=PATH]... [--cache DIR] [--verbose]
//
// The binaries are fetched on demand into the user's cache directory; the authorization server is one on loopback, and
// nothing else is asked. Exit code 0: every step ended as it should.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type LoginServer, startLoginServer } from "@codex-ts/test-support";
import { defaultCacheFolder, fetchCodex } from "./live/fetch-codex.ts";
import { type Program, ownCodex, realCodex } from "./programs/program.ts";

const VERSIONS = ["0.140.0", "0.169.0", "0.171.0"];
const TIMEOUT_MS = 60_000;
const API_KEY = "sk-proj-0123456789abcde";
const ACCESS_TOKEN = "at-0123456789";

const { values } = parseArgs({
  options: {
    codex: { type: "string", multiple: true, default: [] },
    cache: { type: "string", default: defaultCacheFolder() },
    verbose: { type: "boolean", default: false },
  },
});

/** One kind of login: how it is made, and what `login status` says of it. */
interface LoginKind {
  readonly name: string;
  readonly login: (server: LoginServer) => readonly string[];
  readonly stdin?: string;
  /** 0.169 words one of them anew. */
  readonly status: RegExp;
}

const KINDS: readonly LoginKind[] = [
  {
    name: "API key",
    login: () => ["--with-api-key"],
    stdin: API_KEY,
    status: /^(Logged in using an API key|API key configured) - sk-proj-\*\*\*abcde$/m,
  },
  {
    name: "ChatGPT with a device code",
    login: ({ url }) => ["--device-auth", "--experimental_issuer", url],
    status: /^Logged in using ChatGPT$/m,
  },
  {
    name: "personal access token",
    login: () => ["--with-access-token"],
    stdin: ACCESS_TOKEN,
    status: /^Logged in using personal access token$/m,
  },
];

try {
  process.exitCode = (await checkAll()) ? 0 : 1;
} catch (error) {
  console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function checkAll(): Promise<boolean> {
  const own = ownCodex({ from: "source" });
  const problems: string[] = [];
  let steps = 0;
  for (const version of VERSIONS) {
    const real = realCodex(version, await binaryOf(version));
    for (const kind of KINDS) {
      for (const [writer, reader] of [
        [own, real],
        [real, own],
      ] as const) {
        const found = await checkKind(kind, writer, reader);
        console.log(
          `${found.length === 0 ? "ok  " : "FAIL"} ${kind.name}: ${writer.name} logs in, ${reader.name} reads`,
        );
        for (const problem of found) console.log(`     ${problem}`);
        problems.push(...found);
        steps += 1;
      }
    }
  }
  console.log(
    `auth.json shared with codex ${VERSIONS.join(" and ")}: ${steps} logins, ${problems.length} problems`,
  );
  return problems.length === 0;
}

async function binaryOf(version: string): Promise<string> {
  const given = values.codex.find((text) => text.startsWith(`${version}=`));
  return given?.slice(version.length + 1) ?? fetchCodex(version, values.cache);
}

/** Logs in with one program, asks and logs out with the other, and asks the first one again. */
async function checkKind(kind: LoginKind, writer: Program, reader: Program): Promise<string[]> {
  await using server = await startLoginServer({ personalAccessToken: ACCESS_TOKEN });
  const home = await realpath(await mkdtemp(join(tmpdir(), "conformance-auth-")));
  const problems: string[] = [];
  const run = async (program: Program, args: readonly string[], stdin = ""): Promise<Result> => {
    const result = await runProgram(program, { args, stdin, home, server });
    if (values.verbose) console.log(`     ${program.name} ${args[0]}: ${JSON.stringify(result)}`);
    return result;
  };
  const expectStatus = async (program: Program, exitCode: number, line: RegExp): Promise<void> => {
    const result = await run(program, ["login", "status"]);
    const isRight = result.exitCode === exitCode && line.test(result.output);
    if (!isRight) problems.push(`${program.name} login status: ${JSON.stringify(result)}`);
  };
  try {
    const login = await run(writer, ["login", ...kind.login(server)], kind.stdin);
    if (login.exitCode !== 0) problems.push(`${writer.name} login: ${JSON.stringify(login)}`);
    await expectStatus(writer, 0, kind.status);
    const before = await readFile(join(home, "auth.json"), "utf8").catch(() => "");
    await expectStatus(reader, 0, kind.status);
    const after = await readFile(join(home, "auth.json"), "utf8").catch(() => "");
    if (before !== after) problems.push(`${reader.name} login status changed auth.json`);
    const logout = await run(reader, ["logout"]);
    if (logout.exitCode !== 0) problems.push(`${reader.name} logout: ${JSON.stringify(logout)}`);
    await expectStatus(writer, 1, /^Not logged in$/m);
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
  return problems;
}

interface Result {
  readonly exitCode: number | null;
  /** Both streams. */
  readonly output: string;
}

async function runProgram(
  { command, args }: Program,
  options: {
    readonly args: readonly string[];
    readonly stdin: string;
    readonly home: string;
    readonly server: LoginServer;
  },
): Promise<Result> {
  const { home, server } = options;
  const child = spawn(command, [...args, ...options.args], {
    cwd: home,
    // Nothing of the caller's but the search path; every server is the one on loopback.
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      CODEX_HOME: home,
      NO_PROXY: "127.0.0.1,localhost",
      CODEX_AUTHAPI_BASE_URL: server.url,
      CODEX_REFRESH_TOKEN_URL_OVERRIDE: `${server.url}/oauth/token`,
      CODEX_REVOKE_TOKEN_URL_OVERRIDE: `${server.url}/oauth/revoke`,
    },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  // A program that reads nothing may have ended already.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { exitCode, output };
}
