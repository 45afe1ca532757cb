// The entry for commands that reduce one bundle and exit: published as one file, because loading many takes longer than
// the work. Every line is public API.
export { reduceBundleFile } from "./reduce-bundle-file.ts";

export type { ReduceBundleFileOptions, ReducedBundleFile } from "./reduce-bundle-file.ts";
export type { TraceDiagnostic, TraceProblemCode, TraceProblemFacts } from "./reader/problem.ts";
export type { TraceReadMode } from "./reducer/context.ts";
