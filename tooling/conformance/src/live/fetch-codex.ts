import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Platforms Codex is published for. */
const PLATFORMS: ReadonlySet<string> = new Set([
  "linux-x64",
  "linux-arm64",
  "darwin-x64",
  "darwin-arm64",
  "win32-x64",
  "win32-arm64",
]);

/** Where binaries are kept between runs: the cache directory of the user, never the repository. */
export function defaultCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base =
    environment["XDG_CACHE_HOME"] ??
    (process.platform === "win32" ? environment["LOCALAPPDATA"] : undefined) ??
    (process.platform === "darwin"
      ? join(homedir(), "Library", "Caches")
      : join(homedir(), ".cache"));
  return join(base, "codex-ts", "real-codex");
}

/**
 * Path of the real Codex of one version, downloaded into `cacheFolder` if it is not there yet. npm checks the tarball
 * against the registry's hash. Rejects with what to do when there is none for this platform.
 */
export async function fetchCodex(version: string, cacheFolder: string): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.has(platform)) {
    throw new Error(
      `there is no Codex for ${platform}; run this on one of ${[...PLATFORMS].join(", ")}`,
    );
  }
  const name = process.platform === "win32" ? "codex.exe" : "codex";
  const folder = join(cacheFolder, `${version}-${platform}`);
  const binary = join(folder, name);
  if (existsSync(binary)) return binary;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, "download-"));
  try {
    const tarball = await download(`@openai/codex@${version}-${platform}`, work);
    const { stdout } = await run("tar", ["-tzf", tarball], { cwd: work });
    const entries = stdout.split(/\r?\n/).filter((line) => /\/bin\/[^/]+$/.test(line));
    const entry = entries.find((line) => line.endsWith(`/bin/${name}`));
    if (entry === undefined) throw new Error(`the package of Codex ${version} has no bin/${name}`);
    // It looks for its helpers, such as the one that runs code mode, beside itself.
    const helpers = entries.filter((line) => line !== entry);
    await run("tar", ["-xzf", tarball, ...entries], { cwd: work });
    // Moved into place last, so that a run that was stopped leaves no half of a binary.
    for (const file of [...helpers, entry]) {
      await chmod(join(work, file), 0o700);
      await rename(join(work, file), join(folder, basename(file)));
    }
    return binary;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(packageSpec: string, folder: string): Promise<string> {
  try {
    const { stdout } = await run("npm", ["pack", packageSpec, "--json", "--loglevel=error"], {
      cwd: folder,
      shell: process.platform === "win32",
    });
    const [packed] = JSON.parse(stdout) as { filename: string }[];
    if (packed === undefined) throw new Error("npm reported no file");
    return packed.filename;
  } catch (error) {
    throw new Error(`fetch ${packageSpec} with npm: ${reasonOf(error)}`, { cause: error });
  }
}

/** What npm says about it, on one line; without its hint where the whole log is. */
function reasonOf(error: unknown): string {
  const { stderr = "" } = error as { readonly stderr?: string };
  const lines = stderr
    .split("\n")
    .filter((line) => line.startsWith("npm error") && !line.includes("complete log"))
    .map((line) => line.slice("npm error".length).trim());
  return lines.join(" ") || String(error);
}
