import type { SandboxMode } from "../policies.ts";

const PLATFORM_SANDBOXES: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: "seccomp",
  darwin: "seatbelt",
  win32: "windows_sandbox",
};

/** `sandbox` of the turn metadata: what a command of this mode would be confined by. */
export function sandboxTag(
  mode: SandboxMode,
  platform: NodeJS.Platform = process.platform,
): string {
  if (mode === "danger-full-access") return "none";
  return PLATFORM_SANDBOXES[platform] ?? "none";
}
