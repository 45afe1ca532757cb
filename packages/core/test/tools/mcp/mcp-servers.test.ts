import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createThread, readMcpServers } from "@codex-ts/core";
import type {
  McpElicitation,
  McpServerOptions,
  McpServers,
  OnMcpElicitation,
  ThreadEvent,
  ThreadOptions,
} from "@codex-ts/core";
import type { JsonObject } from "@codex-ts/protocol";
import {
  functionCall,
  functionCallExchange,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { reduceStrictly } from "../../support/bundle.ts";
import { ofType, startScene, testModel, testProvider } from "../../support/harness.ts";
import { startMcpHttpServer } from "../../support/mcp/http-server.ts";
import {
  COMPILED_ONCE,
  bodies,
  callEvent,
  callingEach,
  mcpItems,
  offered,
  outputs,
  readLog,
  stdioServer,
} from "../../support/mcp/mcp-scene.ts";

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

test("[core/mcp-start] servers that do not start are warnings, say why without secrets, and cost the model their tools only", async () => {
  const events: ThreadEvent[] = [];
  const warnings: string[] = [];
  await using scene = await startScene([messageExchange("Hi.")], {
    env: { PATH: process.env["PATH"], MCP_SECRET: "super-secret-token", MCP_PLACE: "/srv/data" },
    mcpServers: {
      demo: stdioServer("other"),
      missing: { command: "/nonexistent/program" },
      dies: stdioServer("dies", {
        envVars: ["MCP_SECRET", "MCP_PLACE"],
        env: { MCP_DB: "postgres://app:password-of-db@db/x", MCP_PAT: "pat_11AAA0000" },
        more: ["--api-key", "key-of-an-argument", "--token=token-of-an-argument", "--verbose"],
      }),
      silent: stdioServer("silent", { startupTimeoutMs: 1500 }),
      unset: { url: "http://127.0.0.1:9/mcp", bearerTokenEnvVar: "NO_SUCH_TOKEN" },
      refused: { url: "http://127.0.0.1:9/mcp" },
    },
    onEvent: (event) => void events.push(event),
    onWarning: (warning) => void warnings.push(warning),
  });
  const turn = await scene.turn("go");
  expect(turn.at(-1)?.type).toBe("turnCompleted");
  expect(ofType(turn, "warning")).toEqual([]);
  expect(offered(scene).at(-1)?.["name"]).toBe("mcp__demo");
  const updates = events.flatMap((event) =>
    event.type === "mcp_startup_update" ? [`${event.msg.server} ${event.msg.status.state}`] : [],
  );
  expect(updates.toSorted()).toEqual([
    "demo ready",
    "demo starting",
    ...["dies", "missing", "refused", "silent", "unset"].flatMap((name) => [
      `${name} failed`,
      `${name} starting`,
    ]),
  ]);
  const complete = events.find((event) => event.type === "mcp_startup_complete");
  expect(complete?.msg).toMatchObject({ ready: ["demo"], cancelled: [] });
  const said = warnings.join("\n");
  expect(said).toContain("`missing` did not start");
  expect(said).toMatch(/`dies` did not start.*its error output ends with: cannot go on/);
  expect(said).not.toMatch(/super-secret|password-of|pat_11|-of-an-argument/);
  expect(said).toMatch(/cannot go on: .*\/srv\/data.*--api-key.*--verbose/);
  expect(said).toMatch(/`silent` did not start.*timed out after 1\.5 seconds.*startup_timeout_sec/);
  expect(said).toMatch(/`unset` did not start.*NO_SUCH_TOKEN/);
  expect(said).toMatch(/`refused` did not start/);
  expect(scene.thread.mcpServers.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "demo ready",
    "dies failed",
    "missing failed",
    "refused failed",
    "silent failed",
    "unset failed",
  ]);
});

/** A server that starts when there is a file `go`. */
function lateServer(): McpServerOptions {
  const { command, args = [] } = stdioServer("other");
  const quoted = [command, ...args].map((word) => `'${word}'`).join(" ");
  const script = `while [ ! -e go ]; do sleep 0.05; done; exec ${quoted}`;
  return { command: "/bin/sh", args: ["-c", script], startupTimeoutMs: 60_000 };
}

test("[core/mcp-start] the first turn does not wait for servers that are slow; their tools come with a later request", async () => {
  await using scene = await startScene(
    [messageExchange("Without it."), messageExchange("With it.")],
    {
      compatibility: "0.171",
      mcpStartupWaitMs: 50,
      mcpServers: {
        dead: stdioServer("silent", { startupTimeoutMs: 600_000 }),
        late: lateServer(),
      },
    },
  );
  await scene.turn("go");
  const statusOf = (server: string): string | undefined =>
    scene.thread.mcpServers.find(({ name }) => name === server)?.status;
  expect([statusOf("dead"), statusOf("late")]).toEqual(["starting", "starting"]);
  await writeFile(join(scene.folder, "go"), "");
  await waitFor(() => statusOf("late") === "ready", { timeoutMs: 60_000 });
  await scene.turn("again");
  expect(statusOf("dead")).toBe("starting");
  const namespaces = bodies(scene).map((body) =>
    (body["tools"] as JsonObject[]).flatMap(({ type, name }) =>
      type === "namespace" ? [name] : [],
    ),
  );
  expect(namespaces).toEqual([[], ["mcp__late"]]);
});

test.each([
  { isLite: false, searches: true },
  { isLite: true, searches: true },
  { isLite: true, searches: false },
])(
  "[core/mcp-start] tools that come in the middle of a turn are told before the next request, $isLite $searches",
  async ({ isLite, searches }) => {
    await using scene = await startScene(
      [
        streamExchange([
          functionCall(
            "exec_command",
            { cmd: "touch go; while [ ! -e on ]; do sleep 0.05; done", yield_time_ms: 30_000 },
            "call_1",
          ),
        ]),
        messageExchange("With it."),
        messageExchange("Still."),
      ],
      {
        compatibility: "0.171",
        mcpStartupWaitMs: 50,
        model: testModel({ supports_search_tool: searches, use_responses_lite: isLite }),
        mcpServers: { late: lateServer() },
      },
    );
    const turn = scene.turn("go");
    await waitFor(() => scene.thread.mcpServers[0]?.status === "ready", { timeoutMs: 60_000 });
    await writeFile(join(scene.folder, "on"), "");
    await turn;
    await scene.turn("again");
    const [first, second, third] = bodies(scene).map((body) => body["input"] as JsonObject[]);
    const told = (second ?? []).slice((first?.length ?? 0) + 2);
    const texts = told.map((item) =>
      item["type"] === "additional_tools"
        ? (item["tools"] as { type: string; name?: string }[])
            .map(({ type, name }) => name ?? type)
            .join()
        : JSON.stringify(item)
            .match(/<tools>|- mcp__late(: Use it)?|add to the tools/g)
            ?.join(" "),
    );
    const found = "<tools> - mcp__late: Use it";
    const expected = isLite
      ? searches
        ? ["tool_search", found]
        : ["add to the tools", "mcp__late"]
      : [found];
    expect(texts).toEqual(expected);
    // It is told once.
    expect((third ?? []).slice(second?.length)).toMatchObject([
      { role: "assistant" },
      { role: "user" },
    ]);
    await reduceStrictly(scene.thread);
  },
);

test.each([{ isLite: false }, { isLite: true }])(
  "[core/mcp-start] tools that come with a compaction in the middle of a turn are told after the summary, $isLite",
  async ({ isLite }) => {
    const wait = "touch go; while [ ! -e on ]; do sleep 0.05; done";
    await using scene = await startScene(
      [
        functionCallExchange(
          { name: "exec_command", args: { cmd: wait, yield_time_ms: 30_000 }, callId: "call_1" },
          { usage: { input_tokens: 3000, output_tokens: 100 } },
        ),
        messageExchange("Summary."),
        messageExchange("With it."),
      ],
      {
        compatibility: "0.171",
        mcpStartupWaitMs: 50,
        model: testModel({
          supports_search_tool: !isLite,
          use_responses_lite: isLite,
          auto_compact_token_limit: 2000,
        }),
        mcpServers: { late: lateServer() },
      },
    );
    const turn = scene.turn("go");
    await waitFor(() => scene.thread.mcpServers[0]?.status === "ready", { timeoutMs: 60_000 });
    await writeFile(join(scene.folder, "on"), "");
    await turn;
    const input = bodies(scene).at(-1)?.["input"] as JsonObject[];
    const summary = input.findIndex((item) => JSON.stringify(item).includes("Summary."));
    const said = JSON.stringify(input.slice(0, summary));
    expect(said).not.toContain("mcp__late");
    const news = input.slice(summary + 1);
    const types = news.map(({ type }) => type);
    expect(types).toEqual(isLite ? ["message", "additional_tools"] : ["message"]);
    expect(JSON.stringify(news.at(-1))).toContain("mcp__late");
  },
);

test("[core/mcp-start] a thread is not made without a server it requires, and its other servers end", async () => {
  await using directory = await temporaryDirectory();
  const logFile = `${directory.path}/log`;
  const options: ThreadOptions = {
    provider: testProvider("http://127.0.0.1:9"),
    model: testModel(),
    cwd: directory.path,
    installationId: "11111111-1111-4111-8111-111111111111",
    env: { PATH: process.env["PATH"] },
    mcpServers: {
      demo: stdioServer("demo", { logFile }),
      needed: { command: "/nonexistent/program", required: true },
    },
  };
  await expect(createThread(options)).rejects.toMatchObject({
    code: "mcp_server_missing",
    message: expect.stringContaining("`needed`"),
  });
  if (!existsSync(logFile)) return;
  expect(isAlive(Number(readLog(logFile)[0]?.["pid"]))).toBe(false);
});

test.each<{ readonly what: string; readonly servers: unknown; readonly says: RegExp }>([
  { what: "a name with a blank", servers: { "a b": { command: "x" } }, says: /"a b".*letters/ },
  { what: "a line break", servers: { "a\nb": { command: "x" } }, says: /"a\\nb".*letters/ },
  { what: "neither", servers: { a: {} }, says: /either `command`.*or `url`/ },
  { what: "both", servers: { a: { command: "x", url: "http://x" } }, says: /either/ },
  { what: "an empty command", servers: { a: { command: " " } }, says: /empty/ },
  { what: "a NUL", servers: { a: { command: "x", args: ["\0"] } }, says: /NUL/ },
  { what: "a file URL", servers: { a: { url: "file:///etc/passwd" } }, says: /http/ },
  { what: "a relative directory", servers: { a: { command: "x", cwd: "x" } }, says: /absolute/ },
  { what: "a time of 0", servers: { a: { command: "x", toolTimeoutMs: 0 } }, says: /more than 0/ },
  {
    what: "a header with a line break",
    servers: { a: { url: "http://x", httpHeaders: { h: "secret\r\nx: y" } } },
    says: /line break/,
  },
  {
    what: "a header with a bad name",
    servers: { a: { url: "http://x", httpHeaders: { "h:": "v" } } },
    says: /name no header/,
  },
])("[core/mcp-options] $what is refused before anything is started", async ({ servers, says }) => {
  const made = startScene([], { mcpServers: servers as McpServers });
  await expect(made).rejects.toMatchObject({
    code: "invalid_option",
    message: expect.stringMatching(says),
  });
  await expect(made).rejects.not.toMatchObject({ message: expect.stringContaining("secret") });
});

test("[core/mcp-failures] a server that ends in a call, is too slow, or answers nonsense is an output; the turn goes on", async () => {
  await using scene = await startScene(
    callingEach([
      { name: "slow" },
      { name: "no_content", namespace: "mcp__hostile" },
      { name: "leak", namespace: "mcp__hostile" },
      { name: "crash" },
      { name: "add" },
    ]),
    {
      compatibility: "0.171",
      env: { PATH: process.env["PATH"], MCP_SECRET: "super-secret-token" },
      mcpServers: {
        demo: stdioServer("demo", { toolTimeoutMs: 1500 }),
        hostile: stdioServer("hostile", { envVars: ["MCP_SECRET"] }),
      },
    },
  );
  const events = await scene.turn("go");
  const read = JSON.stringify(outputs(scene));
  expect(read).toContain("timed out awaiting tools/call after 1.5s");
  expect(read).toContain("the server's result has no content");
  expect(read.match(/Transport closed/g)).toHaveLength(2);
  expect(read).toContain("you sent [redacted]");
  expect(read).not.toContain("super-secret");
  expect(mcpItems(events)).toHaveLength(10);
  expect(events.at(-1)?.type).toBe("turnCompleted");
});

test("[core/mcp-failures] an interrupted call is cancelled at its server, and its item ends", async () => {
  await using directory = await temporaryDirectory();
  const logFile = `${directory.path}/log`;
  await using scene = await startScene(
    [streamExchange([callEvent({ name: "slow" }, "call_1")]), messageExchange("Done.")],
    { mcpServers: { demo: stdioServer("demo", { logFile }) } },
  );
  const turn = scene.turn("go");
  await waitFor(() => existsSync(logFile) && readFileSync(logFile, "utf8").includes("tools/call"));
  await scene.thread.interrupt();
  const events = await turn;
  expect(events.at(-1)?.type).toBe("turnAborted");
  expect(mcpItems(events)).toEqual([
    expect.objectContaining({ event: "itemStarted" }),
    expect.objectContaining({
      event: "itemCompleted",
      status: "failed",
      error: { message: expect.stringContaining("aborted by user") },
    }),
  ]);
  await waitFor(() => readFileSync(logFile, "utf8").includes("notifications/cancelled"));
  const again = await scene.turn("again");
  expect(again.at(-1)?.type).toBe("turnCompleted");
});

test("[core/mcp-processes] a server and what it has started end with the thread, even if they refuse to", async () => {
  await using directory = await temporaryDirectory();
  const logFile = `${directory.path}/log`;
  const scene = await startScene([messageExchange("Hi.")], {
    mcpServers: { demo: stdioServer("stubborn", { logFile }) },
  });
  await scene.turn("go");
  const pids = readLog(logFile).flatMap(({ pid, grandchild }) =>
    [pid, grandchild].filter((id): id is number => typeof id === "number"),
  );
  expect(pids).toHaveLength(2);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await scene[Symbol.asyncDispose]();
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test("[core/mcp-processes] nothing of a server survives the kill of this process", async () => {
  await using directory = await temporaryDirectory();
  const logFile = `${directory.path}/log`;
  const program = `
    import { flushCompileCache } from "node:module";
    import { startMcpServersForTest } from ${JSON.stringify(new URL("../../support/mcp/only-servers.ts", import.meta.url).href)};
    await startMcpServersForTest(${JSON.stringify(stdioServer("stubborn", { logFile }))});
    // By itself that happens at an exit, which there will not be.
    flushCompileCache();
    process.stdout.write("ready");
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(
    process.execPath,
    [
      ...COMPILED_ONCE,
      "--conditions=@codex-ts/source",
      "--input-type=module-typescript",
      "-e",
      program,
    ],
    { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await waitFor(() => said.includes("ready"), { timeoutMs: 50_000 });
  const pids = readLog(logFile).flatMap(({ pid, grandchild }) =>
    [pid, grandchild].filter((id): id is number => typeof id === "number"),
  );
  expect(pids.map(isAlive)).toEqual([true, true]);
  child.kill("SIGKILL");
  await waitFor(() => pids.every((pid) => !isAlive(pid)), { timeoutMs: 20_000 });
});

test("[core/mcp-resources] resources are listed, of one server or all, and read; each is a call that clients see", async () => {
  for (const compatibility of ["0.140", "0.171"] as const) {
    const call = (name: string, args: object): object => ({ name, args, namespace: "" });
    const calls = [
      call("list_mcp_resources", {}),
      call("list_mcp_resources", { server: "demo" }),
      call("list_mcp_resource_templates", {}),
      call("read_mcp_resource", { server: "other", uri: "file:///a" }),
      call("read_mcp_resource", { server: "other", uri: "file:///z" }),
      call("read_mcp_resource", { server: "nope", uri: "file:///z" }),
      call("list_mcp_resources", { cursor: "x" }),
      call("read_mcp_resource", { server: "other" }),
    ];
    await using scene = await startScene(callingEach(calls as never), {
      compatibility,
      mcpServers: {
        demo: stdioServer("demo"),
        other: stdioServer("other"),
        bad: { command: "/no" },
      },
    });
    const events = await scene.turn("go");
    const a = (server: string): string =>
      `{"server":"${server}","uri":"file:///a","name":"a","mimeType":"text/plain"}`;
    expect(outputs(scene)).toEqual({
      call_1: `{"resources":[${a("demo")},${a("other")}]}`,
      call_2: `{"server":"demo","resources":[${a("demo")}]}`,
      call_3:
        '{"resourceTemplates":[{"server":"demo","uriTemplate":"file:///{n}","name":"t"},{"server":"other","uriTemplate":"file:///{n}","name":"t"}]}',
      call_4:
        '{"server":"other","uri":"file:///a","contents":[{"uri":"file:///a","mimeType":"text/plain","text":"AAA"}]}',
      call_5:
        "resources/read failed: resources/read failed for `other` (file:///z): Mcp error: -32002: no such resource",
      call_6:
        compatibility === "0.171"
          ? "unknown MCP server 'nope' for the selected environment"
          : "resources/read failed: unknown MCP server 'nope'",
      call_7: "cursor can only be used when a server is specified",
      call_8: "failed to parse function arguments: missing field `uri`",
    });
    const items = mcpItems(events);
    expect(items).toHaveLength(compatibility === "0.171" ? 12 : 14);
    expect(items.slice(0, 2)).toMatchObject([
      { server: "codex", tool: "list_mcp_resources", status: "in_progress" },
      { server: "codex", status: "completed", result: { content: [{ type: "text" }] } },
    ]);
  }
});

test.each([false, true])(
  "[core/mcp-http] a server on the network gets its headers and session, and its refusals show no token (streams: %s)",
  async (answersInStreams) => {
    await using web = await startMcpHttpServer("demo", { answersInStreams });
    await using locked = await startMcpHttpServer("demo", {
      authorize: ({ headers, url }) => {
        const said = Buffer.from(headers.authorization?.slice(6) ?? "", "base64").toString();
        return { status: 403, body: `no entry for ${headers.authorization} ${said} by ${url}` };
      },
    });
    const warnings: string[] = [];
    const scene = await startScene(callingEach([{ name: "add", args: { a: 2, b: 3 } }]), {
      env: { PATH: process.env["PATH"], TOKEN: "super-secret-token", OTHER: "from-env-value" },
      onWarning: (warning) => void warnings.push(warning),
      mcpServers: {
        demo: {
          url: web.url,
          bearerTokenEnvVar: "TOKEN",
          httpHeaders: { "x-fixed": "fixed-header-value" },
          envHttpHeaders: { "x-other": "OTHER", "x-none": "UNSET" },
        },
        locked: { url: locked.url, bearerTokenEnvVar: "TOKEN" },
        signed: {
          url: `${locked.url.replace("//", "//alice:pa%C3%9Fword-of-url@")}?tenant=query-of-url-1`,
        },
      },
    });
    await scene.turn("go");
    expect(outputs(scene)["call_1"]).toMatch(/\{"sum":5\}$/);
    await scene[Symbol.asyncDispose]();
    for (const { headers } of web.seen) {
      expect(headers).toMatchObject({
        authorization: "Bearer super-secret-token",
        "x-fixed": "fixed-header-value",
        "x-other": "from-env-value",
      });
      expect(headers).not.toHaveProperty("x-none");
    }
    const [first, ...later] = web.seen;
    expect(first?.message?.method).toBe("initialize");
    expect(later.every(({ headers }) => headers["mcp-session-id"] === "session-1")).toBe(true);
    expect(later.every(({ headers }) => headers["mcp-protocol-version"] === "2025-06-18")).toBe(
      true,
    );
    expect(web.seen.at(-1)?.method).toBe("DELETE");
    const said = warnings.join("\n");
    expect(said).toContain("`locked` did not start");
    expect(said).toMatch(
      /`signed` did not start.*no entry for \[redacted\] alice:\[redacted\] by \/mcp\?tenant=\[redacted\]/,
    );
    expect(said).not.toMatch(/super-secret|word-of-url|query-of-url/);
  },
);

test("[core/mcp-approval] tools that may change something are not called unasked in sandboxed modes", async () => {
  const calls = ["write", "contained", "destroy", "add"].map((name) => ({ name }));
  const run = async (options: Partial<ThreadOptions>, settings = {}): Promise<string[]> => {
    await using scene = await startScene(callingEach(calls), {
      ...options,
      mcpServers: { demo: stdioServer("demo", settings) },
    });
    const events = await scene.turn("go");
    return mcpItems(events).flatMap((item) => {
      const { event, status } = item as { event: string; status: string };
      return event === "itemCompleted" ? [status] : [];
    });
  };
  const [no, yes] = ["failed", "completed"];
  const [workspace, approved, single, full] = await Promise.all([
    run({ sandboxMode: "workspace-write" }),
    run({ sandboxMode: "read-only" }, { defaultToolsApprovalMode: "approve" }),
    run(
      { sandboxMode: "read-only" },
      { tools: { write: { approvalMode: "approve" }, add: { approvalMode: "prompt" } } },
    ),
    run({ sandboxMode: "danger-full-access" }),
  ]);
  expect(workspace).toEqual([no, yes, no, yes]);
  expect(approved).toEqual([yes, yes, yes, yes]);
  expect(single).toEqual([yes, yes, no, no]);
  expect(full).toEqual([yes, yes, yes, yes]);
});

test("[core/mcp-approval] a refusal names the setting that allows the tool", async () => {
  await using scene = await startScene(callingEach([{ name: "write" }]), {
    compatibility: "0.171",
    sandboxMode: "read-only",
    mcpServers: { demo: stdioServer("demo") },
  });
  await scene.turn("go");
  expect(JSON.stringify(outputs(scene))).toMatch(
    /MCP tool call requires approval, but approval policy is never; .*default_tools_approval_mode = .*\[mcp_servers\.demo\]/,
  );
});

test("[core/mcp-elicitation] a server's question reaches the person, with the turn it belongs to; nobody is asked by `never`", async () => {
  const run = async (options: Partial<ThreadOptions>): Promise<unknown> => {
    await using scene = await startScene(callingEach([{ name: "ask" }]), {
      ...options,
      mcpServers: { demo: stdioServer("demo", { toolTimeoutMs: 2000 }) },
    });
    await scene.turn("go");
    return outputs(scene)["call_1"];
  };
  const asked: McpElicitation[] = [];
  const never = vi.fn<OnMcpElicitation>();
  const accept = run({
    approvalPolicy: "on-request",
    async onMcpElicitation(elicitation) {
      asked.push(elicitation);
      // A person may take longer than a call.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      return { action: "accept", content: { name: "Bob" } };
    },
  });
  // The others while that person thinks.
  const [byNever, byNobody, byFailure] = await Promise.all([
    run({ approvalPolicy: "never", onMcpElicitation: never }),
    run({ approvalPolicy: "on-request" }),
    run({
      approvalPolicy: "on-request",
      onMcpElicitation: () => Promise.reject(new Error("no")),
    }),
  ]);
  expect(await accept).toContain(
    String.raw`{\"action\":\"accept\",\"content\":{\"name\":\"Bob\"}}`,
  );
  expect(asked).toEqual([
    {
      server: "demo",
      threadId: expect.any(String),
      turnId: expect.any(String),
      message: "Your name?",
      meta: undefined,
      mode: "form",
      requestedSchema: {
        type: "object",
        properties: { name: { type: "string" } },
        required: ["name"],
      },
    },
  ]);
  expect(byNever).toContain("decline");
  expect(never).not.toHaveBeenCalled();
  expect(byNobody).toContain("decline");
  expect(byFailure).toContain("cancel");
});

test("[core/mcp-reading] servers can be asked what they offer without a thread", async () => {
  await using directory = await temporaryDirectory();
  const logFile = `${directory.path}/log`;
  const servers = await readMcpServers({
    provider: testProvider("http://127.0.0.1:9"),
    model: testModel(),
    cwd: directory.path,
    installationId: "11111111-1111-4111-8111-111111111111",
    env: { PATH: process.env["PATH"] },
    mcpServers: { other: stdioServer("other", { logFile }), off: { command: "x", enabled: false } },
  });
  expect(servers).toMatchObject([
    { name: "off", status: "off", tools: [], resources: [] },
    {
      name: "other",
      status: "ready",
      info: { name: "other", version: "1.0.0" },
      tools: [{ name: "two" }, { name: "alpha" }],
      resources: [{ uri: "file:///a" }],
      resourceTemplates: [{ name: "t" }],
    },
  ]);
  expect(isAlive(Number(readLog(logFile)[0]?.["pid"]))).toBe(false);
});
