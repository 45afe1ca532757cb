/**
 * Whether tests run in their long form: the whole recorded corpus, many random runs, many processes. `pnpm test:long` runs
 * the files that ask this (the root `vitest.config.ts` finds them by this name); the suite runs their short form.
 */
export const isLongForm: boolean = process.env["LONG_TESTS"] !== undefined;

/** Whether tests run for many minutes, by `pnpm test:soak`, which CI leaves out: hundreds of kills, every combination. */
export const isSoak: boolean = process.env["LONG_TESTS"] === "soak";
