import { randomUUID } from "node:crypto";
import { constants, accessSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sandboxProblem } from "@codex-ts/core";
import type { CliProcess } from "../cli-process.ts";
import { codexHome } from "../codex-home.ts";
import type { Config } from "../config-schema.ts";
import { CliError, fileProblem } from "../errors.ts";
import { unsupportedNodeMessage } from "../node-version.ts";
import { cliVersion } from "../version.ts";
import type { Finding } from "./check.ts";

/** This program and the Node it runs on. `version` is that of `process.versions.node`. */
export function runtimeFinding(version: string): Finding {
  const platform = `${process.platform} ${process.arch}`;
  const details = { "codex-ts": cliVersion(), node: version, platform };
  const problem = unsupportedNodeMessage(version);
  if (problem !== undefined) return { status: "fail", summary: problem, details };
  return {
    status: "ok",
    summary: `codex-ts ${cliVersion()}, Node ${version}, ${platform}`,
    details,
  };
}

/** The directory of configuration, login and sessions: it has to be there, and to take new files. */
export function homeFinding(cliProcess: CliProcess): Finding {
  let home: string;
  try {
    home = codexHome(cliProcess);
  } catch (error) {
    if (!CliError.is(error)) throw error;
    return { status: "fail", summary: error.message };
  }
  const details = { CODEX_HOME: home };
  if (statSync(home, { throwIfNoEntry: false }) === undefined) {
    const problem = problemOf(() => accessSync(existingParent(home), constants.W_OK));
    if (problem === undefined) {
      return { status: "ok", summary: `${home} is made by the first run`, details };
    }
    return { ...unwritable(home, problem), details };
  }
  for (const directory of [home, join(home, "sessions")]) {
    if (directory !== home && statSync(directory, { throwIfNoEntry: false }) === undefined)
      continue;
    const problem = problemOf(() => tryFileIn(directory));
    if (problem !== undefined) return { ...unwritable(directory, problem), details };
  }
  return openLogin(home) ?? { status: "ok", summary: `${home} can be written`, details };
}

/** Whether commands of the model can be confined as they have to be. */
export async function sandboxFinding(
  { sandbox_mode: mode = "read-only" }: Config,
  searchPath: string | undefined,
): Promise<Finding> {
  const details = { sandbox_mode: mode };
  if (mode === "danger-full-access") {
    return { status: "ok", summary: "none is used: sandbox_mode is danger-full-access", details };
  }
  const problem = await sandboxProblem(searchPath);
  if (problem === undefined) return { status: "ok", summary: `${mode} works`, details };
  return {
    status: "fail",
    summary: `every command of the model is refused: ${problem}`,
    remediation:
      process.platform === "linux"
        ? 'install bubblewrap, or set sandbox_mode = "danger-full-access" where commands may run free'
        : 'set sandbox_mode = "danger-full-access" where commands may run free',
    details,
  };
}

function unwritable(directory: string, problem: string): Finding {
  return {
    status: "fail",
    summary: `${directory} cannot be written: ${problem}`,
    remediation:
      "make it writable for this user, or set CODEX_HOME to a directory that is; logins and sessions are kept there",
  };
}

/** A login that others can read. */
function openLogin(home: string): Finding | undefined {
  const file = join(home, "auth.json");
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if (process.platform === "win32" || (mode & 0o077) === 0) return undefined;
  return {
    status: "warning",
    summary: `other users can read the login in ${file}`,
    remediation: `chmod 600 ${file}`,
    details: { CODEX_HOME: home },
  };
}

function existingParent(path: string): string {
  const parent = dirname(path);
  const isThere = statSync(parent, { throwIfNoEntry: false }) !== undefined || parent === path;
  return isThere ? parent : existingParent(parent);
}

/** Permissions alone say too little: disks are full, or mounted without the right to write. */
function tryFileIn(directory: string): void {
  const file = join(directory, `.codex-ts-doctor-${randomUUID()}`);
  writeFileSync(file, "", { mode: 0o600, flag: "wx" });
  rmSync(file);
}

function problemOf(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return fileProblem(error);
  }
}
