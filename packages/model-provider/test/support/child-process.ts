import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  /** The next line of its output; `undefined` once it ended. */
  nextLine(): Promise<string | undefined>;
  /** Gives it a line to read. */
  tell(line: string): void;
  /** Ends it at once, without a chance to clean up, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Runs a TypeScript file from source in a Node process of its own. */
export function startChild(script: URL, args: readonly string[]): Child {
  const flags = ["--conditions=@codex-ts/source", fileURLToPath(script)];
  const child = spawn(process.execPath, [...flags, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    // Stripping types costs most of a start; the second run finds them stripped.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "codex-ts-compile-cache") },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return {
    process: child,
    nextLine: async () => {
      const { done, value } = await lines.next();
      return done === true ? undefined : value;
    },
    tell: (line) => child.stdin.write(`${line}\n`),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
