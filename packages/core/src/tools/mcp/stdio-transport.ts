import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { JSONRPCMessage, ReadBuffer, Transport } from "@modelcontextprotocol/client";
import { commandWatcher } from "../exec/command-watcher.ts";
import { killMarkedProcesses } from "../exec/marked-processes.ts";
import { ownedBy } from "../exec/command-environment.ts";
import { ProcessGroup } from "../exec/process-group.ts";
import type { McpLibrary } from "./mcp-library.ts";

/** How long a server may take to end by itself once its input is closed, and then once it was asked to. */
const END_GRACE_MS = 300;
/** Characters of a server's error output that are kept, the last ones. */
const MAX_ERROR_OUTPUT = 2000;

export interface StdioProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Speaks to a server over its standard input and output. The server leads a process group of its own, which ends with the
 * connection, and with this process however that ends.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #library: McpLibrary;
  readonly #program: StdioProgram;
  readonly #buffer: ReadBuffer;
  readonly #mark = randomUUID();
  #child: ChildProcess | undefined;
  #group: ProcessGroup | undefined;
  #started: Promise<void> = Promise.resolve();
  #exited: Promise<unknown> = Promise.resolve();
  #errorOutput = "";
  #closed: Promise<void> | undefined;
  #hasEnded = false;

  constructor(library: McpLibrary, program: StdioProgram) {
    this.#library = library;
    this.#program = program;
    this.#buffer = new library.ReadBuffer();
  }

  /** The last of what the server wrote to its standard error. */
  get errorOutput(): string {
    return this.#errorOutput;
  }

  /** Rejects with the error of the system when the program cannot be started. */
  start(): Promise<void> {
    this.#started = this.#start().catch((error: unknown) => {
      commandWatcher.release(this);
      throw error;
    });
    return this.#started;
  }

  async #start(): Promise<void> {
    const { command, args, cwd, env } = this.#program;
    const watched =
      process.platform === "win32" ? "" : await commandWatcher.use(this, process.env["PATH"]);
    const child = spawn(command, args, {
      cwd,
      env: { ...env, ...ownedBy(`${watched}/${this.#mark}`, process.env) },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once("exit", resolve);
      child.once("error", resolve);
    });
    // What cannot be started has no streams that could say so.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on("error", () => {});
    child.stdout?.on("data", (chunk: Buffer) => this.#read(chunk));
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#errorOutput = (this.#errorOutput + chunk.toString("utf8")).slice(-MAX_ERROR_OUTPUT);
    });
    child.once("close", () => this.#end());
    await once(child, "spawn");
    this.#group = new ProcessGroup({
      pid: child.pid ?? 0,
      get isGone() {
        return child.exitCode !== null || child.signalCode !== null;
      },
      onExit: (listener) => child.once("exit", (code) => listener(code ?? 1)),
      kill: (signal) => void child.kill(signal),
    });
    child.on("error", (error) => this.onerror?.(error));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (this.#hasEnded || !stdin?.writable) throw new Error("Transport closed");
    if (!stdin.write(this.#library.serializeMessage(message))) {
      // A server that reads no more must not hold up the sender for good.
      await Promise.race([once(stdin, "drain").catch(() => undefined), this.#exited]);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#stop();
    return this.#closed;
  }

  async #stop(): Promise<void> {
    // What is being started can be ended once it is there.
    await this.#started.catch(() => undefined);
    const group = this.#group;
    if (group !== undefined) {
      this.#child?.stdin?.end();
      await this.#ends();
      group.signal("SIGTERM");
      await this.#ends();
      group.signal("SIGKILL");
      await killMarkedProcesses(this.#mark);
      await this.#exited;
      group.disown();
      commandWatcher.release(this);
      for (const stream of [this.#child?.stdout, this.#child?.stderr]) stream?.destroy();
    }
    this.#end();
  }

  /** Waits until the group is over, but not long. */
  async #ends(): Promise<void> {
    if (this.#group?.hasMembers !== true) return;
    const waited = new AbortController();
    await Promise.race([
      this.#exited,
      delay(END_GRACE_MS, undefined, { signal: waited.signal }).catch(() => undefined),
    ]);
    waited.abort();
  }

  #read(chunk: Buffer): void {
    try {
      this.#buffer.append(chunk);
    } catch (error) {
      // More than any message may have without a line break.
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      void this.close();
      return;
    }
    for (;;) {
      try {
        const message = this.#buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        // A line that is no message; the next one may be.
        this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#buffer.clear();
    this.onclose?.();
  }
}
