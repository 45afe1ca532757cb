import type { Sharp, SharpInput, SharpOptions } from "sharp";

/** The part of the library that is used here. */
export type ImageLibrary = (input: SharpInput, options: SharpOptions) => Sharp;

/** The library, or why there is none. */
export type LoadedImages =
  | { readonly library: ImageLibrary; readonly problem?: undefined }
  | { readonly library?: undefined; readonly problem: string };

let loaded: Promise<LoadedImages> | undefined;

/** Loads the optional package for images, once per process: it is native, and few threads have images. Never rejects. */
export function loadImages(): Promise<LoadedImages> {
  loaded ??= import("sharp").then(
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
