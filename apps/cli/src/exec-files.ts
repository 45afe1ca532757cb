import { accessSync, closeSync, constants, existsSync, openSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { imageFileProblem } from "@codex-ts/core";
import type { TurnInput } from "@codex-ts/core";
import { CommandError, fileProblem } from "./errors.ts";
import type { ExecFlags } from "./exec-flags.ts";
import { readTextFile } from "./read-text-file.ts";

/** Schemas are written by people or made from types. */
const MAX_SCHEMA_BYTES = 1024 * 1024;

/** Files of a run that were looked at before anything is sent. */
export interface ExecFiles {
  /** Absolute paths of images a model can be shown. */
  readonly images: readonly string[];
  /** JSON of `--output-schema`. */
  readonly outputSchema?: unknown;
  /** Absolute path for the last message. */
  readonly lastMessageFile?: string | undefined;
}

/** Rejects with `CommandError` that names option and file. Relative paths begin at the working directory of the process. */
export async function readExecFiles(
  { images, outputSchema, outputLastMessage }: ExecFlags,
  { cwd, promptArgument }: { readonly cwd: string; readonly promptArgument: string | undefined },
): Promise<ExecFiles> {
  return {
    images: await usableImages(images, { cwd, promptArgument }),
    ...(outputSchema !== undefined && { outputSchema: readSchema(resolve(cwd, outputSchema)) }),
    ...(outputLastMessage !== undefined && {
      lastMessageFile: writableFile(resolve(cwd, outputLastMessage)),
    }),
  };
}

/** Absolute paths of the images of `-i`. Rejects with `CommandError` for the first one that no model can be shown. */
export async function usableImages(
  images: readonly string[],
  context: { readonly cwd: string; readonly promptArgument: string | undefined },
): Promise<readonly string[]> {
  return await Promise.all(images.map((image) => usableImage(image, context)));
}

/** The input of the turn: the images, then the prompt, as Codex orders them. */
export function toTurnInput(prompt: string, images: readonly string[]): readonly TurnInput[] {
  return [
    ...images.map((path) => ({ type: "local_image", path }) as const),
    { type: "text", text: prompt },
  ];
}

/** Writes what `-o` asks for. The turn has been paid for: a failure is a warning. */
export function writeLastMessage(
  file: string,
  message: string | null,
  warn: (message: string) => void,
): void {
  if (message === null) warn(`the turn ended without a message: ${file} is empty`);
  try {
    writeFileSync(file, message ?? "");
  } catch (error) {
    warn(`-o ${file}: ${fileProblem(error)}`);
  }
}

/** In Codex the model reads a text in place of a file that is no image; the user, who misspelt its name or wrote a prompt there, learns nothing. */
async function usableImage(
  image: string,
  { cwd, promptArgument }: { readonly cwd: string; readonly promptArgument: string | undefined },
): Promise<string> {
  const path = resolve(cwd, image);
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new CommandError(`-i ${image}: ${fileProblem(error)}${swallowed(promptArgument)}`, {
      cause: error,
    });
  }
  const problem = await imageFileProblem(path);
  if (problem === undefined) return path;
  throw new CommandError(`-i ${image}: ${problem}${swallowed(promptArgument)}`);
}

function swallowed(promptArgument: string | undefined): string {
  return promptArgument === undefined
    ? "; -i takes every word after it, write the prompt before it or behind --"
    : "";
}

function readSchema(file: string): unknown {
  let text: string;
  try {
    text = readTextFile(file, { maxBytes: MAX_SCHEMA_BYTES });
  } catch (error) {
    throw new CommandError(`--output-schema ${file}: ${fileProblem(error)}`, { cause: error });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandError(`--output-schema ${file}: no valid JSON${positionOf(error)}`);
  }
}

/** Where the mistake is: the rest of what V8 says repeats the file, so that error is no cause either. */
function positionOf(error: unknown): string {
  const { message } = error as Error;
  return / at position \d+(?: \(line \d+ column \d+\))?/.exec(message)?.[0] ?? "";
}

/** Opened without a change, so that a file that cannot be written is known before the turn is paid for. */
function writableFile(file: string): string {
  try {
    closeSync(openSync(file, "a"));
    return file;
  } catch (error) {
    const problem = existsSync(dirname(file)) ? fileProblem(error) : "there is no such directory";
    throw new CommandError(`-o ${file}: ${problem}`, { cause: error });
  }
}
