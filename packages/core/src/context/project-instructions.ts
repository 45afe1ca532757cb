import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { projectDirectories } from "./project-directories.ts";

const OVERRIDE_NAME = "AGENTS.override.md";
const DEFAULT_NAME = "AGENTS.md";
/** Error codes of opening a path where no file is: a missing one, a link that leads nowhere, a directory, a socket. */
const ABSENT_CODES: ReadonlySet<string> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "EISDIR",
  "ENXIO",
]);
const PROJECT_SEPARATOR = "\n\n--- project-doc ---\n\n";
/** Default of Codex's `project_doc_max_bytes`. */
const DEFAULT_MAX_PROJECT_BYTES = 32_768;
/** Codex has no limit here; a text beyond this one is a mistake, and no model takes it. */
const DEFAULT_MAX_GLOBAL_BYTES = 1_048_576;

/** Options of {@link readProjectInstructions}. */
export interface ReadProjectInstructionsOptions {
  /** Working directory of the agent, absolute. */
  readonly cwd: string;
  /** Directory of the user's own file, e.g. `~/.codex`. */
  readonly codexHome: string;
  /** Bytes of all files of the project together; the file that crosses it is cut. 0: none is read. Default 32768. */
  readonly maxProjectBytes?: number | undefined;
  /** Bytes of the user's own file. Default 1 MiB. */
  readonly maxGlobalBytes?: number | undefined;
  /** Names tried after `AGENTS.md` in each directory of the project. Default none. */
  readonly fallbackFilenames?: readonly string[] | undefined;
  /** Names that make a directory the root of a project. Default `.git`; with none the working directory is the root. */
  readonly rootMarkers?: readonly string[] | undefined;
}

/** The texts of `AGENTS.md` files. */
export interface ProjectInstructions {
  /** For `userInstructions` of a thread; `undefined` when there is nothing to say. */
  readonly text: string | undefined;
  /** Paths of the files in `text`, in its order. */
  readonly files: readonly string[];
  /** Whether `text` holds files of the project, not only the user's own. */
  readonly hasProjectFiles: boolean;
  /** Warnings for the user, one line each: files that cannot be read, were cut, or are not UTF-8. */
  readonly warnings: readonly string[];
}

/**
 * Reads the user's own instructions, then those of the project from its root down to the working directory, one file
 * per directory. Never rejects for a file: what cannot be read is a warning. Nothing above the root of the project is
 * read.
 *
 * Source: docs/behavior/core.md 4.3; order, trimming, joints and cuts as seen in Codex 0.140, plain fallback names as
 * in 0.169.
 */
export async function readProjectInstructions(
  options: ReadProjectInstructionsOptions,
): Promise<ProjectInstructions> {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const global = await readGlobal(options, warn);
  const project = await readProject(options, warn);
  const parts = [global?.text, project.map(({ text }) => text).join("\n\n")].filter(
    (text) => text !== undefined && text !== "",
  );
  return {
    text: parts.length === 0 ? undefined : parts.join(PROJECT_SEPARATOR),
    files: [...(global === undefined ? [] : [global]), ...project].map(({ path }) => path),
    hasProjectFiles: project.length > 0,
    warnings,
  };
}

interface InstructionFile {
  readonly path: string;
  readonly text: string;
}

type Warn = (message: string) => void;

/** Trimmed, and the first that is not blank: here an empty override does not hide the other file. */
async function readGlobal(
  { codexHome, maxGlobalBytes = DEFAULT_MAX_GLOBAL_BYTES }: ReadProjectInstructionsOptions,
  warn: Warn,
): Promise<InstructionFile | undefined> {
  for (const name of [OVERRIDE_NAME, DEFAULT_NAME]) {
    const path = join(codexHome, name);
    const text = (await readStart(path, maxGlobalBytes, warn))?.text.trim() ?? "";
    if (text !== "") return { path, text };
  }
  return undefined;
}

/** As they are, blank ones left out. The first that exists counts, even when it is blank. */
async function readProject(
  options: ReadProjectInstructionsOptions,
  warn: Warn,
): Promise<InstructionFile[]> {
  const names = [OVERRIDE_NAME, DEFAULT_NAME, ...plainNames(options.fallbackFilenames ?? [], warn)];
  const found: InstructionFile[] = [];
  let remainingBytes = options.maxProjectBytes ?? DEFAULT_MAX_PROJECT_BYTES;
  if (remainingBytes <= 0) return found;
  for (const directory of await projectDirectories(options.cwd, options.rootMarkers)) {
    const file = await readFirst(directory, names, { remainingBytes, warn });
    if (file === undefined || file.text.trim() === "") continue;
    found.push(file);
    remainingBytes -= file.lengthBytes;
  }
  return found;
}

async function readFirst(
  directory: string,
  names: readonly string[],
  { remainingBytes, warn }: { readonly remainingBytes: number; readonly warn: Warn },
): Promise<(InstructionFile & { readonly lengthBytes: number }) | undefined> {
  for (const name of names) {
    const path = join(directory, name);
    const start = await readStart(path, remainingBytes, warn);
    if (start !== undefined) return { path, ...start };
  }
  return undefined;
}

/** A name that leads elsewhere would read files outside of the project. */
function plainNames(names: readonly string[], warn: Warn): string[] {
  return names.filter((name) => {
    const isPlain = name.trim() !== "" && name === basename(name) && !/^\.\.?$|[/\\]/.test(name);
    if (!isPlain) warn(`fallback file name ${JSON.stringify(name)} is ignored: give a plain name`);
    return isPlain;
  });
}

interface FileStart {
  readonly text: string;
  readonly lengthBytes: number;
}

/** The first `limitBytes` of a regular file; `undefined` when there is none. A file that cannot be read is blank. */
async function readStart(
  path: string,
  limitBytes: number,
  warn: Warn,
): Promise<FileStart | undefined> {
  try {
    // Before it is opened: that alone has an effect on a pipe, and may have any on a device.
    if (!(await stat(path)).isFile()) return undefined;
    // Without waiting: a pipe may have the name by now.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return undefined;
      const bytes = await readUpTo(file, Math.min(facts.size, limitBytes));
      // A cut may go through a character, which is nobody's mistake.
      if (facts.size > limitBytes) {
        warn(`${path}: only ${bytes.length} of ${facts.size} bytes are used, which is the limit`);
      } else if (!isUtf8(bytes)) {
        warn(`${path}: parts of it are not UTF-8 and cannot be read; convert it`);
      }
      return { text: bytes.toString("utf8"), lengthBytes: bytes.length };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (ABSENT_CODES.has(code)) return undefined;
    warn(`${path}: it cannot be read (${code}), so the model does not see it`);
    return { text: "", lengthBytes: 0 };
  }
}

async function readUpTo(file: FileHandle, lengthBytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(lengthBytes);
  let filledBytes = 0;
  while (filledBytes < lengthBytes) {
    const { bytesRead } = await file.read(buffer, filledBytes, lengthBytes - filledBytes);
    if (bytesRead === 0) break;
    filledBytes += bytesRead;
  }
  return buffer.subarray(0, filledBytes);
}
