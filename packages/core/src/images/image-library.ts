import type { Sharp, SharpInput, SharpOptions } from "sharp";
import { optionalPackage } from "../optional-package.ts";
import type { OptionalPackage } from "../optional-package.ts";

/** The part of the library that is used here. */
export type ImageLibrary = (input: SharpInput, options: SharpOptions) => Sharp;

/** Loads the optional package for images: it is native, and few threads have images. */
export const loadImages: () => Promise<OptionalPackage<ImageLibrary>> = optionalPackage(
  async () => (await import("sharp")).default,
);
