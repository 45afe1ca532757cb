import { hostname } from "node:os";

/** This machine, as `initialize` and the remote-control status name it. */
export function describeSystem(): {
  readonly hostName: string;
  readonly platformFamily: "unix" | "windows";
  readonly platformOs: string;
} {
  const { platform } = process;
  return {
    hostName: hostname(),
    platformFamily: platform === "win32" ? "windows" : "unix",
    platformOs: platform === "darwin" ? "macos" : platform === "win32" ? "windows" : platform,
  };
}
