import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes files by relative path; a text that starts with `-> ` makes a link. */
export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === "string" && content.startsWith("-> "))
      await symlink(content.slice(3), path);
    else await writeFile(path, content);
  }
}

/** The files of a directory by relative path, directories with a slash, links as `-> target`, bytes as Latin-1. */
export async function readFiles(directory: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length + 1);
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) files[name] = `-> ${await readlink(path)}`;
    else if (stats.isDirectory()) files[`${name}/`] = "";
    else files[name] = await readFile(path, "latin1");
  }
  return files;
}
