import type { Difference } from "./differences.ts";

/** Prints the verdict on one comparison, and below it what differs. */
export function report(what: string, unknown: readonly Difference[]): void {
  console.log(`${unknown.length === 0 ? "ok  " : "FAIL"} ${what}`);
  for (const { field, expected, actual } of unknown) {
    console.log(`     ${field}\n       codex:    ${expected}\n       codex-ts: ${actual}`);
  }
}
