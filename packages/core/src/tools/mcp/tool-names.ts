import { createHash } from "node:crypto";

/** Between the name of a namespace and that of a tool, where the two are one word. */
const SEPARATOR = "__";
const HASH_LENGTH = 12;

/** A tool of a server by the server's own names. */
export interface McpToolIdentity {
  readonly server: string;
  readonly tool: string;
}

/** The names by which the model calls a tool. */
export interface McpCallableName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Names for the tools of all servers, in the order of `tools`: characters no name may have become `_`; names that are
 * then the same, or longer than `maxLength` together with their namespace, get a part of a hash of the server's own names.
 * The same tools always get the same names, as in Codex (0.140 and 0.171).
 */
export function callableNames(
  tools: readonly McpToolIdentity[],
  maxLength: number,
): readonly McpCallableName[] {
  const servers = [...new Set(tools.map(({ server }) => server))];
  const namespaces = new Map(
    servers.map((server) => {
      const name = sanitized(`mcp__${server}`);
      const isShared = servers.some(
        (other) => other !== server && sanitized(`mcp__${other}`) === name,
      );
      return [server, isShared ? name + suffix([server, server, ""]) : name];
    }),
  );
  const named = tools.map(({ server, tool }) => ({
    server,
    tool,
    namespace: namespaces.get(server) ?? "",
    name: sanitized(tool),
  }));
  const counts = new Map<string, number>();
  for (const { namespace, name } of named) {
    const key = namespace + SEPARATOR + name;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return named.map(({ server, tool, namespace, name }) => {
    const hash = suffix([server, server, "", tool, tool]);
    const isShared = (counts.get(namespace + SEPARATOR + name) ?? 0) > 1;
    return fitted({ namespace, name: isShared ? name + hash : name }, hash, maxLength);
  });
}

function fitted(
  { namespace, name }: McpCallableName,
  hash: string,
  maxLength: number,
): McpCallableName {
  const room = maxLength - namespace.length - SEPARATOR.length;
  if (name.length <= room) return { namespace, name };
  if (room >= hash.length) {
    const head = name.endsWith(hash) ? name.slice(0, -hash.length) : name;
    return { namespace, name: head.slice(0, room - hash.length) + hash };
  }
  // Not even the hash has room: the namespace is cut.
  return { namespace: namespace.slice(0, maxLength - SEPARATOR.length - hash.length), name: hash };
}

function sanitized(name: string): string {
  const word = Array.from(name, (character) => (/^\w$/.test(character) ? character : "_")).join("");
  return word === "" ? "_" : word;
}

function suffix(parts: readonly string[]): string {
  const hash = createHash("sha1").update(parts.join("\0")).digest("hex");
  return `_${hash.slice(0, HASH_LENGTH)}`;
}
