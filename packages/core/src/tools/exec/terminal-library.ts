import type { IPty, IPtyForkOptions } from "@lydell/node-pty";

/** The part of the library that is used here. */
export interface TerminalLibrary {
  spawn(file: string, args: string[], options: IPtyForkOptions): IPty;
}

/** The library, or why there is none. */
export type LoadedTerminals =
  | { readonly library: TerminalLibrary; readonly problem?: undefined }
  | { readonly library?: undefined; readonly problem: string };

let loaded: Promise<LoadedTerminals> | undefined;

/** Loads the optional package for terminals, once per process: it is native, and few commands need it. Never rejects. */
export function loadTerminals(): Promise<LoadedTerminals> {
  loaded ??= import("@lydell/node-pty").then(
    ({ default: library }) => ({ library }),
    (error: unknown) => ({ problem: problemOf(error) }),
  );
  return loaded;
}

/** The first line: what follows is advice for packagers. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
