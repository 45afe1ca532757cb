import { isAbsolute } from "node:path";
import { ThreadError } from "../errors.ts";

/** Throws `ThreadError` for an option that must be an absolute path and is another. */
export function checkAbsolutePath(option: "cwd" | "codexHome", path: string): void {
  if (isAbsolute(path)) return;
  throw new ThreadError("invalid_option", `${option} must be an absolute path, not \`${path}\``);
}
