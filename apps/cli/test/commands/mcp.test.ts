import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { startOAuthServer } from "../../../../packages/core/test/support/mcp/oauth-server.ts";
import { editConfig } from "../../src/config-edit.ts";
import { type CliResult, runInProcess } from "../support/run-cli.ts";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

// A command is loaded when it is first run: here beforehand, so that no run waits for its compiler.
beforeAll(() => import("../../src/commands/mcp.ts"), 60_000);

async function inHome(
  config: string | undefined,
  work: (home: {
    readonly run: (...args: string[]) => Promise<CliResult>;
    readonly read: () => string;
    readonly file: string;
  }) => Promise<void>,
): Promise<void> {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "config.toml");
  if (config !== undefined) writeFileSync(file, config);
  await work({
    file,
    read: () => readFileSync(file, "utf8"),
    run: (...args) =>
      runInProcess(
        ["mcp", ...args],
        { cwd: directory.path, env: { CODEX_HOME: directory.path } },
        // A browser whose user has nothing to click.
        { openUrl: (url) => void fetch(url).catch(() => undefined) },
      ),
  });
}

const FILE =
  '# mine\nmodel = "x" # keep\n\n[mcp_servers.old]\n# inner\ncommand = "a"\nenv = { SECRET = "abc-very-secret" }\n';

test("[cli/mcp] a server is added, shown and removed; comments survive, and values that may be secret are not shown", () =>
  inHome(FILE, async ({ run, read }) => {
    const added = await run(
      "add",
      "new",
      "--env",
      "A=1",
      "--env",
      "B=x=y",
      "--",
      "npx",
      "-y",
      "a b",
    );
    expect(added).toMatchObject({ exitCode: 0, stderr: "added MCP server new\n" });
    expect(read()).toBe(
      `${FILE}\n[mcp_servers.new]\ncommand = "npx"\nargs = [ "-y", "a b" ]\n\n[mcp_servers.new.env]\nA = "1"\nB = "x=y"\n`,
    );
    const web = ["--url", "http://127.0.0.1:9/mcp", "--bearer-token-env-var", "TOKEN"];
    expect(await run("add", "web", ...web)).toMatchObject({ exitCode: 0 });
    const list = await run("list");
    expect(list.stdout).toMatch(/new +npx -y a b +A=\*{5}, B=\*{5} +enabled/);
    expect(list.stdout).toMatch(/web +http:\/\/127\.0\.0\.1:9\/mcp +token from TOKEN +enabled/);
    const json = await run("list", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject([
      { name: "new", enabled: true, transport: { type: "stdio", args: ["-y", "a b"] } },
      { name: "old", transport: { env: { SECRET: "*****" } } },
      { name: "web", transport: { type: "streamable_http", bearer_token_env_var: "TOKEN" } },
    ]);
    const get = await run("get", "old");
    expect(get.stdout).toMatch(/^old\n {2}enabled: true\n.*SECRET=\*{5}/s);
    expect(list.stdout + json.stdout + get.stdout).not.toContain("very-secret");
    expect(await run("remove", "old")).toMatchObject({ exitCode: 0 });
    expect(read()).toMatch(/^# mine\nmodel = "x" # keep\n\n\[mcp_servers\.new\]/);
    expect(await run("remove", "old")).toMatchObject({
      exitCode: 0,
      stderr: "there is no MCP server old\n",
    });
    expect(await run("get", "old")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/mcp list/),
    });
  }));

test.each(["list", "get"])(
  "[cli/mcp] %s shows neither the credentials of a URL nor those among the arguments",
  (command) =>
    inHome(
      `[mcp_servers.far]
url = "https://alice:password-1@127.0.0.1/mcp?key=password-2"
[mcp_servers.near]
command = "program"
args = ["--token", "password-3", "--api-key=password-4", "--dsn", "db://me:password-5@host/x", "--verbose"]
`,
      async ({ run }) => {
        const shown: string[] = [];
        for (const name of ["far", "near"])
          for (const options of [[], ["--json"]]) {
            const named = command === "get" ? [name] : [];
            shown.push((await run(command, ...named, ...options)).stdout);
          }
        const all = shown.join("\n");
        expect(all).not.toContain("password-");
        expect(all).toMatch(/--token.*--api-key=.*--verbose/s);
        expect(all.match(/https:\/\/\*+@127\.0\.0\.1\/mcp/g)?.length).toBeGreaterThan(1);
      },
    ),
);

test("[cli/mcp] a server of the same name is replaced; a new file is for its user alone, a link stays one", async () => {
  await inHome(undefined, async ({ run, read, file }) => {
    await run("add", "one", "--", "a");
    await run("add", "one", "--", "b");
    expect(read()).toBe('[mcp_servers.one]\ncommand = "b"\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
  await inHome(undefined, async ({ run, file }) => {
    const real = `${file}.real`;
    writeFileSync(real, "# linked\n", { mode: 0o644 });
    symlinkSync(real, file);
    await run("add", "one", "--", "a");
    expect(readFileSync(real, "utf8")).toContain("[mcp_servers.one]");
    expect(statSync(real).mode & 0o777).toBe(0o644);
  });
});

test.each<{ readonly args: readonly string[]; readonly exitCode: number; readonly says: RegExp }>([
  { args: ["add", "bad name", "--", "x"], exitCode: 2, says: /server name/ },
  { args: ["add", "n"], exitCode: 2, says: /--url URL, or the program after --/ },
  { args: ["add", "n", "--url", "file:///x"], exitCode: 2, says: /http: or https:/ },
  { args: ["add", "n", "--url", "http://x", "--", "y"], exitCode: 2, says: /exclude/ },
  { args: ["add", "n", "--env", "my-secret-value", "--", "y"], exitCode: 2, says: /NAME=VALUE/ },
  { args: ["add", "n", "--url", "http://x", "--env", "A=1"], exitCode: 2, says: /--env is for/ },
  { args: ["list", "extra"], exitCode: 2, says: /too many|unknown/ },
  { args: ["lst"], exitCode: 2, says: /did you mean list/ },
])("[cli/mcp] `mcp $args` is refused and changes nothing", ({ args, exitCode, says }) =>
  inHome(FILE, async ({ run, read }) => {
    const result = await run(...args);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toMatch(says);
    expect(result.stderr).not.toContain("my-secret-value");
    expect(read()).toBe(FILE);
  }),
);

test.each<{ readonly config: string; readonly says: RegExp }>([
  {
    config: '[mcp_servers.__proto__]\ncommand = "x"\n',
    says: /config\.toml: mcp_servers\.__proto__: no server can have this name; rename it/,
  },
  {
    config: "[mcp_servers.a]\ncommand = 5",
    says: /config\.toml: mcp_servers\.a\.command: expected string/,
  },
  {
    config: "[mcp_servers.a]\nurl = 'http://x'\nbearer_token = 'sk-my-secret'",
    says: /bearer_token_env_var/,
  },
  { config: "[mcp_servers]\na = 'x'", says: /mcp_servers\.a/ },
  { config: "[mcp_servers.a]\ncommand = 'x'\ntool_timeout_sec = -1", says: /tool_timeout_sec/ },
  { config: "[mcp_servers.a.tools.t]\napproval_mode = 'maybe'", says: /approval_mode: expected/ },
])("[cli/mcp] a table that cannot be used is refused with its place: $config", ({ config, says }) =>
  inHome(config, async ({ run }) => {
    const result = await run("list");
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(says);
    expect(result.stderr).not.toContain("my-secret");
  }),
);

test("[cli/mcp] keys nobody knows are named, with what was meant", () =>
  inHome('[mcp_servers.a]\ncomand = "x"\ncommand = "x"\nscopes = ["a"]\n', async ({ run }) => {
    const { exitCode, stderr } = await run("list");
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      "warning: unknown configuration keys are ignored: mcp_servers.a.comand (did you mean command?)\n",
    );
  }));

test("[cli/mcp] a login is made in a browser, used by no program, and forgotten", async () => {
  await using web = await startOAuthServer();
  await inHome(
    `[mcp_servers.web]\nurl = "${web.url}"\n[mcp_servers.one]\ncommand = "x"\n`,
    async ({ run, file }) => {
      const credentials = join(dirname(file), ".credentials.json");
      const login = await run("login", "web");
      expect(login).toMatchObject({ exitCode: 0 });
      expect(login.stderr).toContain("Successfully logged in to MCP server 'web'.");
      expect(login.stderr).not.toMatch(/access-|refresh-/);
      expect(statSync(credentials).mode & 0o777).toBe(0o600);
      expect(await run("logout", "web")).toMatchObject({
        exitCode: 0,
        stderr: expect.stringMatching(/forgot the login/),
      });
      expect(existsSync(credentials)).toBe(false);
      expect(await run("logout", "web")).toMatchObject({
        exitCode: 0,
        stderr: expect.stringMatching(/no login/),
      });
      expect(await run("login", "one")).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/is a program/),
      });
      expect(await run("login", "nobody")).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/mcp list/),
      });
    },
  );
});

test.skipIf(!existsSync("/proc/self"))(
  "a home that cannot be made is an error where Node would not return",
  () => {
    expect(() => editConfig("/proc/nothing/here", () => "a = 1\n")).toThrow(
      "/proc/nothing/here/config.toml: cannot be written: it does not exist",
    );
  },
);
