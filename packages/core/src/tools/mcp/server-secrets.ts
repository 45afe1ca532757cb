import { headerSecrets, isPlainValue, isSecretName, urlSecrets } from "@codex-ts/api/internal";
import type { McpHttpServer, McpStdioServer } from "./mcp-server-options.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials that a program is given: it may repeat them in an error. */
export function* programSecrets(
  { args = [], env: own = {}, envVars = [] }: McpStdioServer,
  env: Environment,
): Generator<string> {
  const given = [
    ...Object.entries(own),
    ...envVars.map((name) => [name, env[name] ?? ""] as const),
  ];
  for (const [name, value] of given) {
    yield* urlSecrets(value);
    if (isSecretName(name) || !(isPlainValue(value) || PATHS.test(value))) yield value;
  }
  for (const [index, arg] of args.entries()) {
    const [, option = "", value = ""] = /^(-[^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (isSecretName(option)) yield value === "" ? (args[index + 1] ?? "") : value;
    yield* urlSecrets(value === "" ? arg : value);
  }
}

/** Directories and files, also several: no credential looks like them, and a person needs them to see why a program fails. */
const PATHS = /^(?:[~.]{0,2}(?:\/[\w.@ -]+)+\/?(?::|$))+$/;

/** Credentials in the URL of a server and in the headers its requests have. */
export function* addressSecrets(
  { url }: McpHttpServer,
  headers: Readonly<Record<string, string>>,
): Generator<string> {
  yield* urlSecrets(url);
  yield* Object.values(headers);
  yield* headerSecrets(Object.entries(headers), new Set(Object.keys(headers)));
}
