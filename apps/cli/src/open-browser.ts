import { spawn } from "node:child_process";

/** Opens a page in the user's browser, as far as there is one; a failure is silent, since the URL is printed anyway. */
export function openBrowser(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): void {
  const opener = openerFor(env, platform);
  if (opener === undefined) return;
  const [command, ...args] = opener;
  // No shell: the URL is an argument and nothing else.
  const child = spawn(command, [...args, url], {
    stdio: "ignore",
    detached: true,
    env: { ...env },
  });
  child.on("error", () => undefined);
  child.unref();
}

function openerFor(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): readonly [string, ...string[]] | undefined {
  const named = env["BROWSER"]?.trim() ?? "";
  if (named !== "") return [named];
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  // Without a display a terminal browser would take over the screen.
  const hasDisplay = !!env["DISPLAY"] || !!env["WAYLAND_DISPLAY"];
  return hasDisplay ? ["xdg-open"] : undefined;
}
