/** Longest id kept in a directory name; file systems allow 255 bytes for the whole name. */
const MAX_ID_CHARACTERS = 100;

/**
 * `trace-<trace id>-<root thread id>`, the directory name of a bundle. Ids are UUIDs as a rule; in any other id
 * everything that could mean something to a file system is replaced, so that the name never leaves the directory it is
 * joined to.
 */
export function bundleDirectoryName(traceId: string, rootThreadId: string): string {
  return `trace-${toNamePart(traceId)}-${toNamePart(rootThreadId)}`;
}

function toNamePart(id: string): string {
  return id.slice(0, MAX_ID_CHARACTERS).replaceAll(/[^A-Za-z0-9_-]/g, "_");
}
