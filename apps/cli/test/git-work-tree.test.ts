import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { isInsideGitWorkTree } from "../src/git-work-tree.ts";

test("[cli/git-check] a work tree is where a .git file, or a .git directory with a HEAD, is here or above", async () => {
  await using directory = await temporaryDirectory();
  const at = (...parts: string[]): string => join(directory.path, ...parts);
  await mkdir(at("repository", ".git"), { recursive: true });
  await mkdir(at("repository", "deep", "down"), { recursive: true });
  await mkdir(at("empty", ".git"), { recursive: true });
  await mkdir(at("linked"));
  await mkdir(at("bare.git"));
  await writeFile(at("repository", ".git", "HEAD"), "ref: refs/heads/main\n");
  await writeFile(at("linked", ".git"), "gitdir: elsewhere\n");
  await writeFile(at("bare.git", "HEAD"), "ref: refs/heads/main\n");
  expect(isInsideGitWorkTree(at("repository"))).toBe(true);
  expect(isInsideGitWorkTree(at("repository", "deep", "down"))).toBe(true);
  expect(isInsideGitWorkTree(at("repository", ".git"))).toBe(true);
  expect(isInsideGitWorkTree(at("linked"))).toBe(true);
  expect(isInsideGitWorkTree(at("empty"))).toBe(false);
  expect(isInsideGitWorkTree(at("bare.git"))).toBe(false);
});
