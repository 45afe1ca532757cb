import type { TraceDiagnostic } from "@codex-ts/rollout-trace";
import type { TextOutput } from "../cli-process.ts";
import { warnOn } from "../render/warn-on.ts";

/** A badly damaged bundle has thousands; the first ones say what happened to it. */
export const MAX_DIAGNOSTICS = 20;

/** Lists what had to be passed over to read a bundle, one line each. */
export function writeDiagnostics(
  diagnostics: readonly TraceDiagnostic[],
  stderr: TextOutput,
): void {
  const warn = warnOn(stderr);
  // That the rest was not read is said however much was wrong before.
  const end = diagnostics.slice(MAX_DIAGNOSTICS).filter(({ code }) => code === "log_unreadable");
  const shown = [...diagnostics.slice(0, MAX_DIAGNOSTICS), ...end];
  for (const { line, seq, message } of shown) {
    const place = [
      ...(line === undefined ? [] : [`line ${line}`]),
      ...(seq === undefined ? [] : [`event ${seq}`]),
    ].join(", ");
    const where = place === "" ? "" : `${place}: `;
    warn(`${where}${message}`);
  }
  const rest = diagnostics.length - shown.length;
  if (rest > 0) warn(`${rest} more problems in this bundle`);
}

/** Says which form of the trace format a bundle has, beside what is printed of it. */
export function schemaLine(schemaVersion: number): string {
  return `trace schema ${schemaVersion}\n`;
}
