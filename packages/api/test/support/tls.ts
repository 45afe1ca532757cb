import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Path of a file among the TLS fixtures. */
export function tlsPath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
}

export function tlsText(name: string): string {
  return readFileSync(tlsPath(name), "utf8");
}

/** For `startResponsesServer`. */
export const serverTls: { readonly cert: string; readonly key: string } = {
  cert: tlsText("server.pem"),
  key: tlsText("server-key.pem"),
};
