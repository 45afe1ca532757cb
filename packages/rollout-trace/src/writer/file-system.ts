/** An event log, or a shard, that is open for appending. */
export interface TraceLogFile {
  /** Appends all of it, a text in UTF-8, or throws and leaves the file as it was before the call. */
  append(data: string | Uint8Array): void;
  close(): void;
}

/**
 * The few file operations a {@link TraceWriter} needs, all synchronous. A test can pass one whose disk is full; the
 * default is the real file system. Every operation may throw; the writer handles it.
 */
export interface TraceFileSystem {
  /** Makes a directory and its parents, mode 0700 for those it makes; one that exists is left as it is. */
  makeDirectory(path: string): void;
  /** Makes one directory, mode 0700; throws when something of that name exists. */
  makeNewDirectory(path: string): void;
  /** Writes a file that must not exist yet, mode 0600. On failure nothing of it stays behind. */
  writeNewFile(path: string, text: string): void;
  /** Opens a file that must not exist yet for appending, mode 0600: the log, or a shard of schema 3. */
  openNewLog(path: string): TraceLogFile;
}
