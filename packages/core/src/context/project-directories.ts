import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Names that make a directory the root of a project when nothing else is configured. */
const DEFAULT_ROOT_MARKERS: readonly string[] = [".git"];

/**
 * From the root of the project down to the working directory, as the path is written: links are not resolved. The root
 * is the nearest directory with one of the markers; without one it is the working directory.
 */
export async function projectDirectories(
  cwd: string,
  rootMarkers: readonly string[] = DEFAULT_ROOT_MARKERS,
): Promise<string[]> {
  const directories: string[] = [];
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    directories.unshift(directory);
    if (await hasMarker(directory, rootMarkers)) return directories;
    if (directory === dirname(directory)) return [resolve(cwd)];
  }
}

async function hasMarker(directory: string, markers: readonly string[]): Promise<boolean> {
  const found = markers.map((marker) =>
    stat(join(directory, marker)).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(found)).includes(true);
}
