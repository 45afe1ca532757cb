import { firstLine } from "./first-line.ts";

/** The part of an optional package that is used, or why there is none. */
export type OptionalPackage<Library> =
  | { readonly library: Library; readonly problem?: undefined }
  | { readonly library?: undefined; readonly problem: string };

/** Loads an optional package when it is first asked for, and once. What is returned never rejects. */
export function optionalPackage<Library>(
  load: () => Promise<Library>,
): () => Promise<OptionalPackage<Library>> {
  let loaded: Promise<OptionalPackage<Library>> | undefined;
  return () =>
    (loaded ??= load().then(
      (library) => ({ library }),
      (error: unknown) => ({ problem: firstLine(error) }),
    ));
}
