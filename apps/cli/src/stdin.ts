import { setTimeout as delay } from "node:timers/promises";
import { decodeText } from "@codex-ts/api/internal";
import type { CliProcess } from "./cli-process.ts";
import { CommandError } from "./errors.ts";

/** A terminal user who is waited for should know it; a pipe that is ready at once is not worth a line. */
const NOTICE_DELAY_MS = 1000;
/** No model takes as much. */
const MAX_STDIN_BYTES = 64 * 1024 * 1024;

/**
 * Reads standard input to its end; `what` is for the user who is waited for. Rejects with the reason when interrupted, and
 * with `CommandError` when it is no text or too long.
 */
export async function readStdin(cliProcess: CliProcess, what: string): Promise<string> {
  const { stdin, stderr, interrupted } = cliProcess;
  const done = new AbortController();
  void delay(NOTICE_DELAY_MS, undefined, { signal: done.signal, ref: false }).then(
    () => stderr.write(`reading ${what} from standard input, until its end\n`),
    () => undefined,
  );
  const chunks: Buffer[] = [];
  let length = 0;
  const iterator = stdin[Symbol.asyncIterator]();
  // Standard input may stay silent for ever: leaving must not wait for its next piece.
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(interrupted.reason as Error);
    if (interrupted.aborted) stop();
    interrupted.addEventListener("abort", stop, { once: true, signal: done.signal });
  });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next.done === true) return textOf(Buffer.concat(chunks));
      const chunk = Buffer.from(next.value);
      length += chunk.length;
      if (length > MAX_STDIN_BYTES)
        throw new CommandError(`standard input is longer than ${MAX_STDIN_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    stdin.destroy?.();
    throw error;
  } finally {
    done.abort();
  }
}

/** Throws `CommandError` for bytes that are no text: they are refused rather than garbled. */
function textOf(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ("problem" in decoded) throw new CommandError(`standard input: ${decoded.problem}`);
  return decoded.text;
}
