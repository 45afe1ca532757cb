import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryDirectory, waitFor } from "@codex-ts/test-support";
import type { TemporaryDirectory } from "@codex-ts/test-support";
import { functionCall, gate, messageExchange, streamExchange } from "@codex-ts/responses-server";
import type { ReceivedRequest } from "@codex-ts/responses-server";
import { beginWorkspaceReading } from "@codex-ts/core";
import {
  readWorkspaceFacts,
  withoutCredentials,
} from "../../../src/context/workspace/workspace-facts.ts";
import { startScene } from "../../support/harness.ts";

const env = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@b",
};

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd, env, encoding: "utf8" }).trim();
}

const read = (cwd: string, signal = new AbortController().signal) =>
  readWorkspaceFacts({ cwd, env, signal });

describe("facts about the workspace", () => {
  test("[core/S1-10] are none outside a repository", async () => {
    await using directory = await temporaryDirectory();
    expect(await read(directory.path)).toEqual([]);
  });

  test("[core/S1-10] say commit, changes and remotes, from any folder inside", async () => {
    await using directory = await temporaryDirectory();
    const root = directory.path;
    git(root, "init", "-q");
    await mkdir(`${root}/deep/er`, { recursive: true });
    await writeFile(`${root}/file`, "x");
    expect(await read(`${root}/deep/er`)).toEqual([
      [root, { associatedRemoteUrls: undefined, latestGitCommitHash: undefined, hasChanges: true }],
    ]);
    git(root, "add", ".");
    git(root, "commit", "-qm", "one");
    git(root, "remote", "add", "origin", "https://user:secret@example.com/a/b.git");
    expect(await read(root)).toEqual([
      [
        root,
        {
          associatedRemoteUrls: [["origin", "https://example.com/a/b.git"]],
          latestGitCommitHash: git(root, "rev-parse", "HEAD"),
          hasChanges: false,
        },
      ],
    ]);
  });

  test("[core/G1] run no program a repository names", async () => {
    await using directory = await temporaryDirectory();
    const root = directory.path;
    git(root, "init", "-q");
    git(root, "config", "core.fsmonitor", `touch ${root}/ran`);
    await read(root);
    expect(existsSync(`${root}/ran`)).toBe(false);
  });

  test("[core/G2] are given up with the turn", async () => {
    await using directory = await temporaryDirectory();
    git(directory.path, "init", "-q");
    expect(await read(directory.path, AbortSignal.abort())).toEqual([]);
  });

  test("[core/G3] lose user and password of a URL, and nothing else", () => {
    const rows = [
      ["https://u:p@host/x", "https://host/x"],
      ["https://token@host:8443/x@y", "https://host:8443/x@y"],
      ["ssh://git@host/x", "ssh://host/x"],
      ["gcrypt::https://u:p@host/x", "gcrypt::https://host/x"],
      ["git@host:x/y.git", "git@host:x/y.git"],
      ["/local/path@x", "/local/path@x"],
      ["https://host/a?x=b@c", "https://host/a?x=b@c"],
    ] as const;
    for (const [url, stripped] of rows) expect(withoutCredentials(url)).toBe(stripped);
  });
});

describe("facts about the workspace in requests", () => {
  let repository: TemporaryDirectory;

  beforeAll(async () => {
    repository = await temporaryDirectory();
    git(repository.path, "init", "-q");
  });

  afterAll(() => repository[Symbol.asyncDispose]());

  test("[core/G4] come with those sent after they are known; the first waits for nothing", async () => {
    await using slow = await slowGit();
    const workspace = beginWorkspaceReading({ cwd: repository.path, env: slow.env });
    await using scene = await startScene(
      [
        streamExchange([gate("known"), functionCall("no_such_tool", {}, "call_1")]),
        messageExchange("Done."),
      ],
      { cwd: repository.path, env, workspace },
    );
    const turn = scene.turn("go");
    await scene.server.waitForGate("known");
    await slow.release();
    await waitFor(() => workspace.facts.length > 0);
    scene.server.release("known");
    await turn;
    expect(scene.server.requests.map(workspacesOf)).toEqual([
      undefined,
      { [repository.path]: { has_changes: false } },
    ]);
  });

  test("[core/G5] come with the first when they were asked for early enough", async () => {
    const workspace = beginWorkspaceReading({ cwd: repository.path, env });
    await waitFor(() => workspace.facts.length > 0);
    await using scene = await startScene([messageExchange("Done.")], {
      cwd: repository.path,
      env,
      workspace,
    });
    await scene.turn("go");
    expect(scene.server.requests.map(workspacesOf)).toEqual([
      { [repository.path]: { has_changes: false } },
    ]);
  });

  test("[core/G5] are asked for anew when they are old, or of an earlier turn", async () => {
    const workspace = beginWorkspaceReading({ cwd: repository.path, env, now: () => 0 });
    await waitFor(() => workspace.facts.length > 0);
    await using slow = await slowGit();
    await using scene = await startScene([{ ...messageExchange("Done."), repeat: 2 }], {
      cwd: repository.path,
      env: slow.env,
      workspace,
    });
    await scene.turn("go");
    await scene.turn("again");
    expect(scene.server.requests.map(workspacesOf)).toEqual([undefined, undefined]);
  });

  test("[core/G2] are given up with a thread that had no turn", async () => {
    await using slow = await slowGit();
    await using scene = await startScene([], { cwd: repository.path, env: slow.env });
    await waitFor(() => slow.processes().length === 3);
    await scene.thread.close();
    // They would never answer; that they are told to end is all that closing waits for.
    await waitFor(() => !slow.processes().some(isRunning));
    expect(scene.server.requests).toEqual([]);
  });

  test("[core/G2] are given up with the turn they were for, and when they are too old for one", async () => {
    await using early = await slowGit();
    const workspace = beginWorkspaceReading({ cwd: repository.path, env: early.env, now: () => 0 });
    await waitFor(() => early.processes().length === 3);
    await using late = await slowGit();
    await using scene = await startScene(
      [{ ...messageExchange("Done."), beforeStatus: [gate("asked")] }],
      {
        cwd: repository.path,
        env: late.env,
        workspace,
      },
    );
    const turn = scene.turn("go");
    // The turn asks for itself.
    await waitFor(() => late.processes().length === 3);
    await waitFor(() => !early.processes().some(isRunning));
    scene.server.release("asked");
    expect((await turn).at(-1)?.type).toBe("turnCompleted");
    await waitFor(() => !late.processes().some(isRunning));
  });
});

/** Git that does not answer before it is released, in an environment of its own. */
async function slowGit(): Promise<
  AsyncDisposable & {
    readonly env: Record<string, string | undefined>;
    /** Ids of the processes so far. */
    processes(): number[];
    release(): Promise<void>;
  }
> {
  const directory = await temporaryDirectory();
  const released = `${directory.path}/released`;
  const started = `${directory.path}/started`;
  // It ends by itself when the directory is gone.
  const script = `#!/bin/sh
echo $$ >> ${started}
until [ -e ${released} ] || [ ! -e ${started} ]; do sleep 0.01; done
exec env PATH="$REAL_PATH" git "$@"
`;
  await writeFile(`${directory.path}/git`, script, { mode: 0o700 });
  return {
    env: { ...env, PATH: `${directory.path}:${env.PATH}`, REAL_PATH: env.PATH },
    processes: () =>
      existsSync(started)
        ? readFileSync(started, "utf8").split("\n").filter(Boolean).map(Number)
        : [],
    release: () => writeFile(released, ""),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

function workspacesOf({ headers }: ReceivedRequest): unknown {
  const [, blob = "{}"] = headers.find(([name]) => name === "x-codex-turn-metadata") ?? [];
  return JSON.parse(blob).workspaces;
}
