import type { AppliedFile } from "./verified-patch.ts";

/** The changed files, one a line, as Codex reports them to the model. Ends with a line end. */
export function appliedSummary(files: readonly AppliedFile[]): string {
  const lines = files.map(({ status, path }) => `${status} ${path}\n`);
  return `Success. Updated the following files:\n${lines.join("")}`;
}
