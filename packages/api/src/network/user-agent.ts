import { readFileSync } from "node:fs";
import os from "node:os";
import type { Environment } from "./proxy-settings.ts";

/** Variable that names the client instead of the program itself. */
const ORIGINATOR_VARIABLE = "CODEX_INTERNAL_ORIGINATOR_OVERRIDE";

/** Default originator of this project. */
const DEFAULT_ORIGINATOR = "codex_ts";

/**
 * Who sends the requests: the environment's word, else the host program's, else `codex_ts`.
 * Source: docs/behavior/api.md 2.6.
 */
export function resolveOriginator(env: Environment, hostOriginator?: string): string {
  return env[ORIGINATOR_VARIABLE] || hostOriginator || DEFAULT_ORIGINATOR;
}

/** Parts of a user agent. */
export interface UserAgentParts {
  readonly originator: string;
  readonly clientVersion: string;
  readonly host: HostDescription;
  /** Put in parentheses at the end, e.g. `codex_exec; 0.140.0`. */
  readonly suffix?: string | undefined;
}

/** Operating system and processor, for the user agent. */
export interface HostDescription {
  /** e.g. `Debian`. */
  readonly osName: string;
  /** e.g. `12.0.0`. */
  readonly osVersion: string;
  /** e.g. `x86_64`. */
  readonly architecture: string;
  /** e.g. `xterm`. */
  readonly terminal: string;
}

/**
 * `{originator}/{version} ({os} {os version}; {architecture}) {terminal}`, and ` ({suffix})`. Characters that are not
 * printable ASCII become `_`, so that the result is always a legal header value. Source: docs/behavior/api.md 2.6.
 */
export function formatUserAgent({
  originator,
  clientVersion,
  host,
  suffix,
}: UserAgentParts): string {
  const base = `${originator}/${clientVersion} (${host.osName} ${host.osVersion}; ${host.architecture}) ${host.terminal}`;
  return printable(suffix === undefined || suffix === "" ? base : `${base} (${suffix})`);
}

/** One `_` per character, also for those outside the basic plane. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, "_");
}

/** Describes this machine. Call it once, in the app. */
export function describeHost(env: Environment): HostDescription {
  return {
    ...describeSystem(),
    architecture: ARCHITECTURES[os.arch()] ?? os.arch(),
    terminal: describeTerminal(env),
  };
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "x86_64",
  ia32: "i686",
  ...(os.platform() === "darwin" ? {} : { arm64: "aarch64" }),
};

function describeSystem(): Pick<HostDescription, "osName" | "osVersion"> {
  const platform = os.platform();
  if (platform === "linux") return describeLinux(readTextIfThere("/etc/os-release"));
  return { osName: SYSTEM_NAMES[platform] ?? os.type(), osVersion: os.release() };
}

const SYSTEM_NAMES: Readonly<Record<string, string>> = { darwin: "Mac OS", win32: "Windows" };

/** Name and three-part version of a distribution, from the text of its `os-release`. */
export function describeLinux(osRelease: string): Pick<HostDescription, "osName" | "osVersion"> {
  const fields = new Map<string, string>();
  for (const line of osRelease.split("\n")) {
    const match = /^([A-Z_]+)="?([^"]*)"?$/.exec(line.trim());
    if (match !== null) fields.set(match[1] ?? "", match[2] ?? "");
  }
  const osName = (fields.get("NAME") ?? "Linux").replace(/ GNU\/Linux$| Linux$/, "");
  const version = fields.get("VERSION_ID");
  if (version === undefined || version === "") return { osName, osVersion: "unknown" };
  // As numbers, so that 24.04 is 24.4.0: the form Codex has.
  const parts = version.split(".").map((part) => part.replace(/^0+(?=\d)/, ""));
  while (parts.length < 3) parts.push("0");
  return { osName, osVersion: parts.join(".") };
}

function describeTerminal(env: Environment): string {
  const program = env["TERM_PROGRAM"];
  if (program) {
    const version = env["TERM_PROGRAM_VERSION"];
    return version ? `${program}/${version}` : program;
  }
  return env["TERM"] || "unknown";
}

function readTextIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
