/** An event log that is open for appending. */
export interface TraceLogFile {
  /** Appends the whole text, or throws and leaves the file as it was before the call. */
  append(text: string): void;
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
  /** Opens a file that must not exist yet for appending, mode 0600. */
  openNewLog(path: string): TraceLogFile;
}
