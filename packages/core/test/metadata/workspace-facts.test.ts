import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "@codex-ts/test-support";
import { functionCall, messageExchange, streamExchange } from "@codex-ts/responses-server";
import { readWorkspaceFacts, withoutCredentials } from "../../src/metadata/workspace-facts.ts";
import { startScene } from "../support/harness.ts";

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
      ["git@host:x/y.git", "git@host:x/y.git"],
      ["/local/path@x", "/local/path@x"],
      ["https://host/a?x=b@c", "https://host/a?x=b@c"],
    ] as const;
    for (const [url, stripped] of rows) expect(withoutCredentials(url)).toBe(stripped);
  });

  test("[core/G4] are in the metadata of requests once they are known, without holding up the first", async () => {
    await using repository = await temporaryDirectory();
    git(repository.path, "init", "-q");
    await using scene = await startScene(
      [
        // The command takes longer than git, whatever the first request was in time for.
        streamExchange([functionCall("exec_command", { cmd: "sleep 0.3", login: false }, "c")]),
        messageExchange("Done."),
      ],
      { cwd: repository.path, env },
    );
    await scene.turn("go");
    const header = scene.server.requests[1]?.headers.find(
      ([name]) => name === "x-codex-turn-metadata",
    );
    expect(JSON.parse(header?.[1] ?? "null")).toMatchObject({
      workspaces: { [repository.path]: { has_changes: false } },
    });
  });
});
