import type { JsonValue } from "@codex-ts/protocol";

/** Deepest nesting that Codex's parser takes. What handles items further on may be recursive. */
const MAX_LEVELS = 127;

/** Whether a value is nested deeper than any reader of it needs to go. Not recursive itself. */
export function isNestedTooDeep(value: JsonValue | undefined): boolean {
  let level = containersIn([value]);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_LEVELS) return true;
    level = level.flatMap((container) => containersIn(Object.values(container)));
  }
  return false;
}

function containersIn(values: readonly (JsonValue | undefined)[]): object[] {
  return values.filter((value) => typeof value === "object" && value !== null);
}
