import type { SecretSet } from "./secret-set.ts";

/** Errors inside errors that are followed, and objects inside their members. */
const MAX_DEPTH = 6;

/**
 * An error without credentials: its message, stack, members and causes. Changed in place, because an error is known by
 * its identity. Bytes and other foreign objects that are no data are dropped from it.
 */
export function scrubError<Failure extends Error>(error: Failure, secrets: SecretSet): Failure {
  scrubMembers(error, secrets, MAX_DEPTH);
  return error;
}

function scrubMembers(error: Error, secrets: SecretSet, depth: number): void {
  for (const name of new Set(["message", "stack", "cause", "errors", ...Object.keys(error)])) {
    const value: unknown = Reflect.get(error, name);
    const scrubbed = scrubbedValue(value, secrets, depth);
    if (scrubbed === value) continue;
    // An error that somebody has frozen cannot be changed, nor did a server have a say in it.
    Reflect.defineProperty(error, name, {
      value: scrubbed,
      enumerable: Object.keys(error).includes(name),
      configurable: true,
      writable: true,
    });
  }
}

function scrubbedValue(value: unknown, secrets: SecretSet, depth: number): unknown {
  if (typeof value === "string") return secrets.scrub(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0 || ArrayBuffer.isView(value)) return undefined;
  if (value instanceof Error) {
    scrubMembers(value, secrets, depth - 1);
    return value;
  }
  const isPlain = Array.isArray(value) || isRecord(value);
  if (!isPlain) return value;
  const members = Object.entries(value).map(
    ([name, member]) => [secrets.scrub(name), scrubbedValue(member, secrets, depth - 1)] as const,
  );
  const isUnchanged = Object.entries(value).every(
    ([name, member], index) => members[index]?.[0] === name && members[index][1] === member,
  );
  if (isUnchanged) return value;
  if (Array.isArray(value)) return members.map(([, member]) => member);
  // Without a prototype, because the names may be a server's.
  return Object.assign(Object.create(null) as object, Object.fromEntries(members));
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
