import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PLACES = [process.env["FIREFOX_PATH"], "/usr/bin/firefox-esr", "/usr/bin/firefox"];

/** The installed Firefox; `undefined` where there is none. */
export const firefoxPath: string | undefined = PLACES.find(
  (path) => path !== undefined && existsSync(path),
);

/** It says nothing to the outside: what it would ask there goes to a port of this machine that nobody listens on. */
const PREFERENCES = {
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "app.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.enabled": false,
};

interface BidiMessage {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly method?: string;
  readonly params?: {
    readonly level?: string;
    readonly text?: string;
    readonly request?: { readonly url: string };
  };
}

/**
 * A page in Firefox. Playwright drives only a build of its own, but every Firefox speaks WebDriver BiDi: commands and events
 * as JSON over a WebSocket.
 */
export class FirefoxPage {
  /** Addresses of everything that was requested, the page itself included. */
  readonly requested: string[] = [];
  /** Messages of the console, and errors nobody caught. */
  readonly problems: string[] = [];
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: BidiMessage) => void>();
  #context = "";

  private constructor(process_: ChildProcess, socket: WebSocket) {
    this.#process = process_;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data))));
  }

  /** Starts Firefox with a profile in `directory`. */
  static async start(directory: string): Promise<FirefoxPage> {
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    await writeFile(join(directory, "user.js"), lines.join(""));
    const options = ["--headless", "--remote-debugging-port", "0", "--profile", directory];
    const firefox = spawn(firefoxPath ?? "", [...options, "--no-remote", "about:blank"], {
      env: { ...process.env, HOME: directory },
      stdio: ["ignore", "ignore", "pipe"],
      // However the test ends, it does not stay.
      timeout: 280_000,
    });
    const socket = new WebSocket(`${await addressOf(firefox)}/session`);
    await once(socket, "open");
    const page = new FirefoxPage(firefox, socket);
    await page.#send("session.new", { capabilities: {} });
    const { contexts } = await page.#send<{ contexts: readonly { context: string }[] }>(
      "browsingContext.getTree",
      {},
    );
    page.#context = contexts[0]?.context ?? "";
    await page.#send("session.subscribe", {
      events: ["log.entryAdded", "network.beforeRequestSent"],
    });
    return page;
  }

  async goTo(url: string): Promise<void> {
    this.requested.length = 0;
    this.problems.length = 0;
    await this.#send("browsingContext.navigate", {
      context: this.#context,
      url,
      wait: "complete",
    });
  }

  /** Runs a function in the page, to which nothing outside of it is known, and returns its JSON. */
  async evaluate<T>(act: () => T | Promise<T>): Promise<T> {
    const { result, exceptionDetails } = await this.#send<{
      result?: { value: string };
      exceptionDetails?: { text: string };
    }>("script.evaluate", {
      expression: `Promise.resolve((${act.toString()})()).then((value) => JSON.stringify(value ?? null))`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (result === undefined) throw new Error(exceptionDetails?.text ?? "no result");
    return JSON.parse(result.value) as T;
  }

  /** Presses a key as a person does. */
  async press(key: string): Promise<void> {
    await this.#send("input.performActions", {
      context: this.#context,
      actions: [
        {
          type: "key",
          id: "keyboard",
          actions: [
            { type: "keyDown", value: key },
            { type: "keyUp", value: key },
          ],
        },
      ],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    const ended = once(this.#process, "exit");
    this.#process.kill();
    await ended;
  }

  async #send<T>(method: string, parameters: object): Promise<T> {
    const id = this.#waiting.size + 1;
    const answer = new Promise<BidiMessage>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params: parameters }));
    const { result, error, message } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error}: ${message}`);
    return result as T;
  }

  #take({ id, method, params, ...rest }: BidiMessage): void {
    if (id !== undefined) this.#waiting.get(id)?.(rest);
    if (method === "log.entryAdded") this.problems.push(`${params?.level}: ${params?.text}`);
    if (method === "network.beforeRequestSent" && params?.request !== undefined)
      this.requested.push(params.request.url);
  }
}

async function addressOf({ stderr }: ChildProcess): Promise<string> {
  if (stderr === null) throw new Error("Firefox has no error output");
  for await (const line of createInterface({ input: stderr })) {
    const address = /listening on (ws:\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    stderr.resume();
    return address;
  }
  throw new Error("Firefox ended before it could be driven");
}
