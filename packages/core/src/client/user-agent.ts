import { arch, release, type } from "node:os";

/** Headers that name the client; set only where nothing else has. */
export function clientHeaders(client: {
  readonly originator: string;
  readonly version: string;
  /** Name of the terminal, e.g. `xterm`. */
  readonly terminal: string;
}): readonly (readonly [string, string])[] {
  return [
    ["originator", client.originator],
    ["user-agent", userAgent(client)],
  ];
}

/** `<originator>/<version> (<system> <release>; <arch>) <terminal>`, printable ASCII only. */
function userAgent(client: {
  readonly originator: string;
  readonly version: string;
  readonly terminal: string;
}): string {
  const machine = arch() === "x64" ? "x86_64" : arch();
  const system = `${type()} ${release()}; ${machine}`;
  const text = `${client.originator}/${client.version} (${system}) ${client.terminal}`;
  return text.replace(/[^\x20-\x7e]/g, "_");
}
