import { statSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Whether `directory` or a directory above it looks like a git work tree: it holds a `.git` file (linked work tree,
 * submodule) or a `.git` directory with a `HEAD`. Seen in 0.169; 0.140 also takes an empty `.git` directory.
 */
export function isInsideGitWorkTree(directory: string): boolean {
  for (let current = directory; ; current = dirname(current)) {
    if (hasGitEntry(current)) return true;
    if (dirname(current) === current) return false;
  }
}

function hasGitEntry(directory: string): boolean {
  const entry = join(directory, ".git");
  try {
    return statSync(entry).isFile() || statSync(join(entry, "HEAD")).isFile();
  } catch {
    return false;
  }
}
