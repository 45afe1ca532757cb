import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the real reducer made of a bundle. */
export type RealReduction =
  | { readonly isAccepted: true; readonly state: unknown; /** As written. */ readonly text: string }
  | { readonly isAccepted: false; readonly exitCode: number | string; readonly error: string };

/** Runs `debug trace-reduce` of a real Codex, in a home of its own and without any credential. */
export class RealReducer implements AsyncDisposable {
  readonly #binary: string;
  readonly #home: string;

  static async open(binary: string): Promise<RealReducer> {
    return new RealReducer(binary, await mkdtemp(join(tmpdir(), "codex-home-")));
  }

  private constructor(binary: string, home: string) {
    this.#binary = binary;
    this.#home = home;
  }

  async reduce(bundle: string): Promise<RealReduction> {
    const output = join(this.#home, "state.json");
    await rm(output, { force: true });
    const { exitCode, stderr } = await this.#run(["debug", "trace-reduce", bundle, "-o", output]);
    if (exitCode !== 0) {
      return { isAccepted: false, exitCode, error: reasonOf(stderr) };
    }
    const text = await readFile(output, "utf8");
    return { isAccepted: true, state: JSON.parse(text) as unknown, text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }

  #run(args: readonly string[]): Promise<{ exitCode: number | string; stderr: string }> {
    const { OPENAI_API_KEY: _, CODEX_API_KEY: __, ...environment } = process.env;
    const env = { ...environment, HOME: this.#home, CODEX_HOME: this.#home };
    return new Promise((resolve) => {
      execFile(this.#binary, args, { env, timeout: 60_000 }, (error, _stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : (error.code ?? "killed"), stderr });
      });
    });
  }
}

/** The message of the failure, without warnings about the home before it and the stack after it. */
function reasonOf(stderr: string): string {
  const text = stderr.replaceAll(/\s+/g, " ").trim();
  const start = text.indexOf("Error: ");
  return text.slice(Math.max(start, 0)).replace(/ Stack backtrace:.*$/, "");
}
