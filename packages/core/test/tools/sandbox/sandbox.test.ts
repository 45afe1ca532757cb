import { existsSync } from "node:fs";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { findBubblewrap } from "../../../src/tools/sandbox/find-bubblewrap.ts";
import { socketFilter } from "../../../src/tools/sandbox/seccomp-filter.ts";
import { commandScene, printed, sessionIdOf } from "../../support/command-scene.ts";
import type { CommandScene } from "../../support/command-scene.ts";

const { problem } = await findBubblewrap(process.env["PATH"]);
const READ_ONLY = { sandboxMode: "read-only" } as const;
const WORKSPACE = { sandboxMode: "workspace-write" } as const;

/** A scene whose working directory is not one for temporary files, which every workspace may write. */
async function sceneAt(
  scene: CommandScene,
  settings: object = WORKSPACE,
): Promise<{ readonly cwd: string; readonly run: (cmd: string) => Promise<string> }> {
  const cwd = join(scene.folder, "work");
  await mkdir(cwd, { recursive: true });
  return { cwd, run: async (cmd) => printed(await scene.exec({ cmd }, { ...settings, cwd })) };
}
const NO_TMP = {
  protectedFolders: [".git", ".codex"],
  workspaceWrite: { excludeSlashTmp: true, excludeTmpdir: true },
};

describe.skipIf(problem !== undefined)("commands in a sandbox", { timeout: 60_000 }, () => {
  test("[core/sandbox-read-only] read-only: everything is readable, nothing writable, and no network", async () => {
    await using scene = await commandScene({ sandbox: NO_TMP });
    const { cwd, run } = await sceneAt(scene, READ_ONLY);
    await writeFile(join(cwd, "there"), "text");
    expect(await run("cat there; touch new 2>&1; echo x > there")).toMatch(
      /^text.*Read-only file system\n.*Read-only file system\n$/s,
    );
    expect(
      await run("touch /tmp/new ~/new; ls /etc/passwd; echo x > /dev/null && echo null"),
    ).toMatch(/Read-only[^]*Read-only[^]*\/etc\/passwd\nnull\n$/);
    expect(await run("echo $CODEX_SANDBOX_NETWORK_DISABLED")).toBe("1\n");
    expect(await readdir(cwd)).toEqual(["there"]);
  });

  test("[core/sandbox-workspace] workspace-write: the workspace is writable, its protected directories and everything else are not", async () => {
    await using scene = await commandScene({ sandbox: NO_TMP });
    const { cwd, run } = await sceneAt(scene);
    await mkdir(join(cwd, ".git/hooks"), { recursive: true });
    await symlink(homedir(), join(cwd, "home"));
    await symlink(join(cwd, ".git"), join(cwd, "alias"));
    const outside = join(scene.folder, "outside");
    const marks = [
      "inside",
      ".git/config",
      ".git/hooks/pre-commit",
      "alias/config",
      ".codex/config.toml",
      outside,
      "../outside",
      "home/outside-of-the-workspace",
    ];
    const output = await run(
      `for f in ${marks.join(" ")}; do echo x > $f && echo wrote $f; done 2>/dev/null; mv .git elsewhere || rm -r .git || mv .codex elsewhere; ls -A`,
    );
    expect(output.split("\n").filter((line) => line.startsWith("wrote"))).toEqual(["wrote inside"]);
    expect(output).toMatch(/busy/);
    expect(await readdir(cwd)).toEqual([".git", "alias", "home", "inside"]);
    expect(existsSync(outside)).toBe(false);
  });

  test("[core/sandbox-placeholders] a protected directory that is not there stays so, also with several commands at once", async () => {
    await using scene = await commandScene({ sandbox: NO_TMP });
    const { cwd, run } = await sceneAt(scene);
    const slow = scene.exec(
      { cmd: "touch begun; sleep 1.5; mkdir .codex/x; echo $?", yield_time_ms: 20_000 },
      { ...WORKSPACE, cwd },
    );
    await waitFor(() => existsSync(join(cwd, "begun")));
    expect(await run("ls -A .codex; touch .codex/x 2>/dev/null || echo refused")).toBe("refused\n");
    // The one that ends first must not take the protection of the other away.
    expect(printed(await slow)).toMatch(/Read-only file system\n1\n$/);
    expect(await readdir(cwd)).toEqual(["begun"]);
  });

  test("[core/sandbox-link] a protected directory that is a link is refused with a sentence, and nothing runs", async () => {
    await using scene = await commandScene({ sandbox: NO_TMP });
    const { cwd, run } = await sceneAt(scene);
    await symlink("/tmp", join(cwd, ".git"));
    await expect(run("touch made")).rejects.toThrow(/`.*\/work\/\.git` is a link/);
    expect(await readdir(cwd)).toEqual([".git"]);
  });

  test("[core/sandbox-roots] the directories for temporary files and the configured ones are writable, unless they are excluded", async () => {
    await using extra = await temporaryDirectory();
    await using scene = await commandScene({
      sandbox: {
        ...NO_TMP,
        workspaceWrite: { ...NO_TMP.workspaceWrite, writableRoots: [extra.path] },
      },
    });
    const { run } = await sceneAt(scene);
    expect(await run(`echo x > ${extra.path}/f && echo wrote; touch /tmp/no 2>&1`)).toMatch(
      /^wrote\n.*Read-only/,
    );
    await using usual = await commandScene();
    const name = `/tmp/codex-ts-test-${process.pid}`;
    expect(
      printed(await usual.exec({ cmd: `touch ${name} && rm ${name} && echo ok` }, WORKSPACE)),
    ).toBe("ok\n");
  });

  test("[core/sandbox-network] TCP, UDP and names reach nothing, not even a listener of this machine; AF_UNIX works", async () => {
    const server = createServer((socket) => socket.end("reached\n")).listen(0, "127.0.0.1");
    const datagrams = createSocket("udp4");
    const received: string[] = [];
    datagrams.on("message", (message) => received.push(String(message)));
    datagrams.bind(0, "127.0.0.1");
    await Promise.all([once(server, "listening"), once(datagrams, "listening")]);
    try {
      const tcp = (server.address() as AddressInfo).port;
      const udp = datagrams.address().port;
      const cmd = [
        `cat < /dev/tcp/127.0.0.1/${tcp}`,
        `echo hi > /dev/udp/127.0.0.1/${udp}`,
        "getent hosts example.invalid localhost.example",
        `${process.execPath} -e 'const s = require("net").createServer().listen("u.sock", () => require("net").connect("u.sock", () => { console.log("unix"); process.exit() }))'`,
      ].join("; ");
      await using scene = await commandScene();
      const closed = printed(await scene.exec({ cmd }, WORKSPACE));
      expect(closed).toMatch(/Operation not permitted[^]*Operation not permitted/);
      expect(closed).toMatch(/unix\n$/);
      expect(closed).not.toContain("reached");
      expect(received).toEqual([]);
      await using open = await commandScene({
        sandbox: { protectedFolders: [], workspaceWrite: { networkAccess: true } },
      });
      const opened = printed(
        await open.exec({ cmd: `${cmd}; echo "<$CODEX_SANDBOX_NETWORK_DISABLED>"` }, WORKSPACE),
      );
      expect(opened).toContain("reached\n");
      expect(opened).toMatch(/<>\n$/);
      await waitFor(() => received.length > 0);
    } finally {
      server.close();
      datagrams.close();
    }
  });

  test("[core/sandbox-processes] a command sees its own processes only, and its exit code, signals and terminal are as outside", async () => {
    await using scene = await commandScene();
    expect(
      Number(printed(await scene.exec({ cmd: "ls -d /proc/[0-9]* | wc -l" }, WORKSPACE))),
    ).toBeLessThan(6);
    expect(await scene.exec({ cmd: "exit 3" }, WORKSPACE)).toContain("exited with code 3\n");
    expect(await scene.exec({ cmd: "kill -9 $$" }, WORKSPACE)).toContain("exited with code 137\n");
    const started = await scene.exec(
      { cmd: "test -t 0 && exec cat", tty: true, yield_time_ms: 1000 },
      WORKSPACE,
    );
    const session_id = sessionIdOf(started);
    expect(
      printed(await scene.writeStdin({ session_id, chars: "one\n", yield_time_ms: 500 })),
    ).toBe("one\r\none\r\n");
    expect(await scene.writeStdin({ session_id, chars: "\u0003", yield_time_ms: 5000 })).toMatch(
      /exited with code/,
    );
  });

  test("[core/sandbox-filter] the filter of the next command cannot be changed from inside", async () => {
    await using scene = await commandScene();
    const { filterPath } = (await findBubblewrap(process.env["PATH"])) as { filterPath?: string };
    expect(
      printed(
        await scene.exec(
          {
            cmd: `echo x > ${filterPath}; ls /tmp/codex-ts-filter* ; ls -l /proc/self/fd | grep -c filter`,
          },
          WORKSPACE,
        ),
      ),
    ).toMatch(/(No such file|cannot access)[^]*\n0\n$/);
  });
});

test("[core/sandbox-none] without bwrap no command runs in a restricted mode, and the model reads what is missing", async () => {
  await using scene = await commandScene({ env: { PATH: "/no/such/folder" } });
  for (const settings of [READ_ONLY, WORKSPACE]) {
    await expect(scene.exec({ cmd: "touch made" }, settings)).rejects.toThrow(
      process.platform === "linux"
        ? /no command was run: the program `bwrap` is not installed/
        : /no command was run: there is no sandbox for/,
    );
  }
  expect(await readdir(scene.folder)).toEqual([]);
});

test("[core/sandbox-machine] there is a filter for the machines whose system calls are known, and for no other", () => {
  expect(socketFilter("x64")).toHaveLength(80);
  expect(socketFilter("arm64")).toHaveLength(80);
  expect(socketFilter("riscv64")).toBeUndefined();
});
