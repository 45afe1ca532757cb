import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { WorkspaceFacts } from "../../metadata/metadata-snapshot.ts";
import { git } from "./git.ts";
import type { GitOptions } from "./git.ts";

/** Directory to read, and how. Aborting leaves out what git did not report. */
export type WorkspaceFactsOptions = GitOptions;

/**
 * Facts about the repository a directory belongs to, by its root: commit, remotes without credentials, whether there
 * are changes. Empty outside a repository, or when git reports nothing. Never rejects.
 * Source: docs/behavior/core.md 2.8.
 */
export async function readWorkspaceFacts(
  options: WorkspaceFactsOptions,
): Promise<readonly (readonly [root: string, facts: WorkspaceFacts])[]> {
  const root = await findRepositoryRoot(options.cwd);
  if (root === undefined) return [];
  const [commit, remotes, status] = await Promise.all([
    git(root, ["rev-parse", "HEAD"], options),
    git(root, ["remote", "-v"], options),
    git(root, ["status", "--porcelain"], options),
  ]);
  if (commit === undefined && remotes === undefined && status === undefined) return [];
  const urls = remotes === undefined ? [] : readRemotes(remotes);
  return [
    [
      root,
      {
        associatedRemoteUrls: urls.length > 0 ? urls : undefined,
        latestGitCommitHash: commit?.trim() || undefined,
        hasChanges: status === undefined ? undefined : status.trim() !== "",
      },
    ],
  ];
}

/** The nearest directory upwards that has a `.git` entry, be it a directory or a file. */
export async function findRepositoryRoot(cwd: string): Promise<string | undefined> {
  for (let directory = cwd; ;) {
    const entry = await stat(join(directory, ".git")).catch(() => undefined);
    if (entry !== undefined) return directory;
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
  }
}

/** Name and fetch URL of each remote, in git's order. */
function readRemotes(text: string): (readonly [name: string, url: string])[] {
  return text.split("\n").flatMap((line) => {
    const [, name, url] = /^(\S+)\t(.+) \(fetch\)$/.exec(line) ?? [];
    return name !== undefined && url !== undefined
      ? [[name, withoutCredentials(url)] as const]
      : [];
  });
}

/** The URL without user and password, also behind a remote helper. `git@host:path` has no password and stays. */
export function withoutCredentials(url: string): string {
  return url.replace(/^((?:[a-z0-9+.-]+::)*[a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}
