/** Codex's words for errors of the file system, which a client may compare; Node's own differ from them. */
const TEXTS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied (os error 13)",
  EISDIR: "Is a directory (os error 21)",
  ELOOP: "Symbolic link loop (os error 40)",
  ENAMETOOLONG: "Filename too long (os error 36)",
  ENOENT: "No such file or directory (os error 2)",
  ENOTDIR: "Not a directory (os error 20)",
  EPERM: "Operation not permitted (os error 1)",
};

/** The reason of a failed operation of the file system, without the name of the call. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return TEXTS[code ?? ""] ?? message ?? String(error);
}
