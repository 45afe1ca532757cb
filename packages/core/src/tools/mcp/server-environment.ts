import type { McpStdioServer } from "./mcp-server-options.ts";

/** Variables every server gets, as far as they are set: what a program needs to run, and no credentials. */
const PASSED =
  process.platform === "win32"
    ? ["APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATH", "PATHEXT"].concat(
        ["PROGRAMDATA", "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "TEMP", "TMP"],
        ["USERDOMAIN", "USERNAME", "USERPROFILE", "WINDIR"],
      )
    : ["HOME", "LOGNAME", "PATH", "SHELL", "USER", "LANG", "LC_ALL", "TERM", "TMPDIR", "TZ"];

/** The whole environment of a server: what every server gets, what its settings pass on, what they set. */
export function serverEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { envVars = [], env: own = {} }: Pick<McpStdioServer, "env" | "envVars">,
): Readonly<Record<string, string>> {
  const names = [...PASSED, ...envVars];
  const passed = names.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...own };
}
