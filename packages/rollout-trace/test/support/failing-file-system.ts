import { nodeFileSystem, type TraceFileSystem, type TraceLogFile } from "@codex-ts/rollout-trace";

/** The real file system until as many payloads or events as given were written; then that kind always fails. */
export function failingFileSystem(failAfter: {
  readonly payloads?: number;
  readonly appends?: number;
}): TraceFileSystem {
  let payloads = 0;
  let appends = 0;
  return {
    ...nodeFileSystem,
    writeNewFile(path, text) {
      if (path.includes("payloads") && ++payloads > (failAfter.payloads ?? Infinity)) {
        throw new Error("disk is full");
      }
      nodeFileSystem.writeNewFile(path, text);
    },
    openNewLog(path): TraceLogFile {
      const log = nodeFileSystem.openNewLog(path);
      return {
        append(text) {
          if (++appends > (failAfter.appends ?? Infinity)) throw new Error("disk is full");
          log.append(text);
        },
        close: () => log.close(),
      };
    },
  };
}
