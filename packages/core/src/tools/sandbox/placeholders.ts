import { mkdir, rmdir } from "node:fs/promises";

/** How many commands need each empty directory that was made in the place of a protected one. */
const users = new Map<string, number>();

/**
 * Makes the empty directories over which a sandbox mounts read-only ones; of paths that are there only those count that another
 * sandbox has made. The function that is returned removes them, when no command needs them any more and nobody has put anything into
 * them: what is removed sooner is not protected any more in the sandboxes that have it.
 */
export async function makePlaceholders(paths: {
  readonly missing: readonly string[];
  readonly existing: readonly string[];
}): Promise<() => Promise<void>> {
  const held = paths.existing.filter((path) => users.has(path));
  for (const path of held) use(path);
  for (const path of paths.missing) {
    const isMade = users.has(path) || (await isMadeNow(path));
    if (!isMade) continue;
    use(path);
    held.push(path);
  }
  return async () => {
    for (const path of held.splice(0)) {
      const left = (users.get(path) ?? 1) - 1;
      if (left > 0) users.set(path, left);
      else {
        users.delete(path);
        await rmdir(path).catch(() => {});
      }
    }
  };
}

function use(path: string): void {
  users.set(path, (users.get(path) ?? 0) + 1);
}

/** A directory that another program has made in the meantime is not ours to remove. */
function isMadeNow(path: string): Promise<boolean> {
  return mkdir(path, 0o755).then(
    () => true,
    () => false,
  );
}
