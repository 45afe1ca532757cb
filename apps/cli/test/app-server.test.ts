import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { listSessions } from "@codex-ts/core";
import {
  functionCallExchange,
  functionCallItem,
  itemDone,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { isLongForm, isSoak, seededRandom, waitFor } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { mockHome } from "./support/home.ts";
import type { MockHome } from "./support/home.ts";
import { runningProcesses } from "./support/processes.ts";
import { runInProcess, startCli } from "./support/run-cli.ts";

/** All of them in the soak. */
const CLOSINGS = isSoak ? 100 : isLongForm ? 20 : 5;
/** So many processes at once: most of what each costs is its start. */
const LANES = 3;
/** As long as anything a server does for a client takes, on a machine that is not busy. */
const LONGEST_WAIT_MS = 150;
const TIMEOUT_MS = 60_000;

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look at members of all kinds
  readonly result?: any;
  readonly error?: { readonly message: string };
}

/** A client of a process. */
function connect(home: MockHome) {
  const { child, ended } = startCli(["app-server"], home.run);
  const messages: Message[] = [];
  let text = "";
  let nextId = 0;
  let isGone = false;
  void ended.then(() => (isGone = true));
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (chunk: string) => {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    messages.push(...lines.map((line) => JSON.parse(line) as Message));
  });
  child.stdin.on("error", () => {});
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify(message)}\n`);
  const request = async (method: string, params: object): Promise<Message> => {
    nextId += 1;
    const id = nextId;
    send({ id, method, params });
    return until(method, (message) => message.id === id && !message.method);
  };
  /** The first message that matches; rejects when the server has gone without it. */
  const until = (what: string, matches: (message: Message) => boolean): Promise<Message> =>
    waitFor(
      () => {
        const found = messages.find(matches);
        if (found === undefined && isGone) throw new Error(`the server went before ${what}`);
        return found;
      },
      { timeoutMs: TIMEOUT_MS, what },
    );
  const start = async (): Promise<void> => {
    const clientInfo = { name: "test", title: null, version: "1.0.0" };
    await request("initialize", { clientInfo });
    send({ method: "initialized" });
  };
  return { child, ended, messages, request, start, until };
}

test(
  "[cli/app-server] serves a client on standard input and output until it leaves",
  async () => {
    await using home = await mockHome([messageExchange("Hello.")]);
    const client = connect(home);
    await client.start();
    const { result } = await client.request("thread/start", { sandbox: "danger-full-access" });
    const threadId = result.thread.id as string;
    expect(result).toMatchObject({ model: "gpt-mock", modelProvider: "mock", cwd: home.path });
    const input = [{ type: "text", text: "hi" }];
    await client.request("turn/start", { threadId, input });
    await waitFor(() => client.messages.some(({ method }) => method === "turn/completed"));
    const config = await client.request("config/read", {});
    expect(config.result.config).toMatchObject({ model: "gpt-mock" });
    client.child.stdin.end();
    expect(await client.ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(home.server.requests).toHaveLength(1);
    const [request] = home.server.requests;
    expect(Object.fromEntries(request?.headers ?? [])["originator"]).toBe("test");
  },
  TIMEOUT_MS,
);

test(
  "[cli/app-server-directory] a thread names its AGENTS.md files, and its directory need not be there",
  async () => {
    await using home = await mockHome([]);
    const file = join(home.path, "AGENTS.md");
    await writeFile(file, "Be kind.");
    const client = connect(home);
    await client.start();
    const missing = join(home.path, "missing");
    const { result } = await client.request("thread/start", { cwd: missing });
    expect(result).toMatchObject({ cwd: missing, instructionSources: [file] });
    client.child.stdin.end();
    expect(await client.ended).toMatchObject({ exitCode: 0, stderr: "" });
  },
  TIMEOUT_MS,
);

test(
  "[cli/app-server-unread] ends after its input, though its client reads nothing and keeps the output open",
  async () => {
    await using home = await mockHome([]);
    const { child } = startCli(["app-server"], home.run);
    child.stdout.pause();
    const exited = once(child, "exit");
    const clientInfo = { name: "test", title: null, version: "1.0.0" };
    const initialize = { id: 0, method: "initialize", params: { clientInfo } };
    const reads = Array.from({ length: 2000 }, (_, id) => ({
      id: id + 1,
      method: "config/read",
      params: {},
    }));
    child.stdin.end([initialize, ...reads].map((each) => `${JSON.stringify(each)}\n`).join(""));
    expect(await exited).toEqual([0, null]);
    child.stdout.resume();
  },
  TIMEOUT_MS,
);

test(
  "[cli/mcp-allow-tool] a tool that a client approves for good is allowed in config.toml",
  async () => {
    const program = fileURLToPath(
      new URL("../../../packages/core/test/support/mcp/stdio-server.ts", import.meta.url),
    );
    const call = itemDone({ ...functionCallItem("write", {}, "c1"), namespace: "mcp__demo" });
    await using home = await mockHome([streamExchange([call]), messageExchange("Done.")], {
      provider: `[mcp_servers.demo]
required = true
command = ${JSON.stringify(process.execPath)}
args = ["--no-warnings", ${JSON.stringify(program)}, "demo"]
startup_timeout_sec = 30`,
    });
    const input = new PassThrough();
    const output = new PassThrough();
    const send = (message: object): void => void input.write(`${JSON.stringify(message)}\n`);
    // A client that starts a thread and a turn in it, accepts what it is asked, and leaves.
    createInterface({ input: output }).on("line", (line) => {
      const { id, method, result } = JSON.parse(line) as Message;
      if (id === 1) send({ id: 2, method: "thread/start", params: settings });
      if (id === 2) {
        const words = [{ type: "text", text: "hi" }];
        const params = { threadId: result.thread.id, input: words };
        send({ id: 3, method: "turn/start", params });
      }
      if (method === "mcpServer/elicitation/request") {
        send({ id, result: { action: "accept", content: {}, _meta: { persist: "always" } } });
      }
      if (method === "turn/completed") input.end();
    });
    const settings = { sandbox: "workspace-write", approvalPolicy: "on-request" };
    const clientInfo = { name: "test", title: null, version: "1.0.0" };
    send({ id: 1, method: "initialize", params: { clientInfo } });
    const messageStreams = () => ({ input, output });
    expect((await runInProcess(["app-server"], home.run, { messageStreams })).exitCode).toBe(0);
    const text = readFileSync(`${home.path}/config.toml`, "utf8");
    expect(text).toMatch(/\[mcp_servers\.demo\.tools\.write\]\napproval_mode = "approve"\n$/);
    expect(JSON.stringify(home.server.requests.at(-1)?.body)).toContain("ran write");
  },
  TIMEOUT_MS,
);

test("a configuration that cannot work is said at once, and a place nobody listens at", async () => {
  await using home = await mockHome([], { top: 'model = "m"\nsandbox_mode = "none"' });
  const bad = await runInProcess(["app-server"], home.run);
  expect(bad).toMatchObject({ exitCode: 1 });
  expect(bad.stderr).toContain("sandbox_mode");
  const elsewhere = await runInProcess(["app-server", "--listen", "ws://127.0.0.1:1"], home.run);
  expect(elsewhere).toMatchObject({ exitCode: 2 });
  expect(elsewhere.stderr).toContain("only stdio:// is served");
});

test("a configuration file with a secret is read without it", async () => {
  const provider = 'experimental_bearer_token = "sk-very-secret"';
  await using home = await mockHome([], { provider });
  const input = new PassThrough();
  const output = new PassThrough();
  const clientInfo = { name: "test", title: null, version: "1.0.0" };
  for (const [id, method, params] of [
    [1, "initialize", { clientInfo }],
    [2, "config/read", {}],
  ] as const) {
    input.write(`${JSON.stringify({ id, method, params })}\n`);
  }
  let text = "";
  output.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes('"id":2')) input.end();
  });
  const messageStreams = () => ({ input, output });
  expect((await runInProcess(["app-server"], home.run, { messageStreams })).exitCode).toBe(0);
  expect(text).toContain('"mock"');
  expect(text).not.toContain("sk-very-secret");
});

test.skipIf(!existsSync("/proc/self/environ"))(
  `[cli/app-server-closed] closed at ${CLOSINGS} random moments: no process is left, every session can be gone on with`,
  async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const random = seededRandom(seed);
    const sleep = `sleep 300.${Math.floor(random() * 1e9)}`;
    const args = { cmd: `echo begun; ${sleep}`, login: false };
    await using home = await mockHome([
      {
        ...functionCallExchange({ name: "exec_command", args, callId: "call_1" }),
        repeat: Infinity,
      },
    ]);
    const closings = Array.from({ length: CLOSINGS }, (_, count) => ({
      // Each step is the first thing a closing interrupts in its turn.
      steps: count % STEPS,
      waitMs: random() * LONGEST_WAIT_MS,
    })).entries();
    const closeOneAfterTheOther = async (): Promise<void> => {
      for (const [count, { steps, waitMs }] of closings) {
        const client = connect(home);
        const work = workOf(client);
        for (let done = 0; done < steps; done += 1) await work.next();
        const interrupted = work.next().catch(() => undefined);
        await delay(waitMs);
        client.child.stdin.end();
        const { exitCode, stderr } = await client.ended;
        expect({ exitCode, stderr }, `seed ${seed}, run ${count}`).toEqual({
          exitCode: 0,
          stderr: "",
        });
        await interrupted;
      }
    };
    await Promise.all(Array.from({ length: LANES }, closeOneAfterTheOther));
    const left = (): number =>
      runningProcesses().filter(({ commandLine }) => commandLine.includes(sleep)).length;
    await waitFor(() => left() === 0, { timeoutMs: TIMEOUT_MS, what: "the end of all commands" });
    const sessions = await listSessions({ codexHome: home.path });
    for (const { path } of sessions) {
      const text = readFileSync(path, "utf8");
      expect(text.endsWith("\n")).toBe(true);
      for (const line of text.trimEnd().split("\n")) JSON.parse(line);
    }
    const client = connect(home);
    await client.start();
    for (const { threadId } of sessions) {
      const resumed = await client.request("thread/resume", { threadId });
      expect(resumed.error, `seed ${seed}, thread ${threadId}`).toBeUndefined();
    }
    client.child.stdin.end();
    await client.ended;
  },
  // Each of them starts a process.
  TIMEOUT_MS * (10 + CLOSINGS),
);

/** Steps of {@link workOf}. */
const STEPS = 5;

/** What clients do, step by step. */
async function* workOf(client: ReturnType<typeof connect>): AsyncGenerator<undefined, void> {
  await client.start();
  yield;
  const { result } = await client.request("thread/start", { sandbox: "danger-full-access" });
  yield;
  const threadId = result.thread.id as string;
  const input = [{ type: "text", text: "hi" }];
  const started = await client.request("turn/start", { threadId, input });
  yield;
  await client.until("output", ({ method }) => method === "item/commandExecution/outputDelta");
  yield;
  await client.request("turn/interrupt", {
    threadId,
    turnId: started.result.turn.id as string,
  });
  yield;
}
