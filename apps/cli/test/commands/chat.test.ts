import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  completed,
  created,
  functionCallExchange,
  gate,
  messageExchange,
  streamedMessage,
} from "@codex-ts/responses-server";
import { type IPty, spawn } from "@lydell/node-pty";
import { waitFor } from "@codex-ts/test-support";
import { describe, expect, inject, test } from "vitest";
import { type MockHome, mockHome } from "../support/home.ts";
import { childEnvironment, runInProcess } from "../support/run-cli.ts";

/** Processes are slow to start on a busy machine; how slow proves nothing. */
const TIMEOUT_MS = 120_000;
const ENTER = "\r";
const CTRL_C = "\u0003";
const UP = "\u001b[A";

/** One red dot. */
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** The program in a pseudo-terminal. */
interface ChatScreen extends AsyncDisposable {
  /** Types keys. */
  type(keys: string): void;
  /** Waits until this shows behind what was seen before, and returns all between. */
  see(text: string | RegExp): Promise<string>;
  readonly ended: Promise<number>;
}

function openChat(home: MockHome, args: readonly string[] = []): ChatScreen {
  const terminal: IPty = spawn(process.execPath, [inject("builtMain"), ...args], {
    cwd: home.path,
    env: { ...childEnvironment, ...home.run.env, NO_COLOR: "1", TERM: "xterm" },
    cols: 120,
    rows: 40,
  });
  let screen = "";
  let seen = 0;
  let hasEnded = false;
  terminal.onData((text) => (screen += text));
  const ended = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      hasEnded = true;
      resolve(exitCode);
    });
  });
  return {
    type: (keys) => terminal.write(keys),
    async see(text) {
      const find = (): { readonly to: number } | undefined => {
        const rest = screen.slice(seen);
        const found = typeof text === "string" ? text : text.exec(rest)?.[0];
        const from = found === undefined ? -1 : rest.indexOf(found);
        return from < 0 ? undefined : { to: from + (found?.length ?? 0) };
      };
      const what = (): string => `${String(text)} in ${JSON.stringify(screen.slice(seen))}`;
      await waitFor(() => find() !== undefined || hasEnded, {
        timeoutMs: TIMEOUT_MS / 2,
        what: String(text),
      }).catch((error: unknown) => {
        throw new Error(what(), { cause: error });
      });
      const { to } = find() ?? {};
      if (to === undefined) throw new Error(`the program has ended; no ${what()}`);
      const shown = screen.slice(seen, seen + to);
      seen += to;
      return shown;
    },
    ended,
    async [Symbol.asyncDispose]() {
      if (!hasEnded) terminal.kill("SIGKILL");
      await ended;
    },
  };
}

/** The last message of the user in a request. */
function lastMessage({ server }: MockHome): string {
  const body = server.requests.at(-1)?.body as {
    readonly input: readonly { readonly content?: readonly { readonly text?: string }[] }[];
  };
  return body.input.at(-1)?.content?.at(-1)?.text ?? "";
}

describe.skipIf(process.platform === "win32")(
  "codex-ts in a terminal",
  { timeout: TIMEOUT_MS },
  () => {
    test("[cli/chat] talks: several lines, pasted ones, history, Ctrl-C, commands", async () => {
      const endless = {
        events: [created("resp_x"), ...streamedMessage(["Well"]).slice(0, 3), gate("never")],
      };
      await using home = await mockHome(
        [
          messageExchange("Hi there."),
          messageExchange("Two lines."),
          messageExchange("Pasted."),
          messageExchange("Again."),
          endless,
          messageExchange("Still here."),
          messageExchange("A summary."),
          messageExchange("A new one."),
          messageExchange("Back again."),
        ],
        { top: 'model = "gpt-mock"\nsandbox_mode = "danger-full-access"' },
      );
      execFileSync("git", ["init", "-q"], { cwd: home.path });
      await writeFile(join(home.path, "notes.txt"), "a\u001b[2Jb\n");
      execFileSync("git", ["add", "notes.txt"], { cwd: home.path });
      await using chat = openChat(home);
      const facts = await chat.see(/Ctrl-D leaves[^>]*> /);
      const threadId = /thread +(\S+)/.exec(facts)?.[1] ?? "";
      expect(facts).toContain("gpt-mock (mock)");

      chat.type(`hello${ENTER}`);
      await chat.see("Hi there.");
      expect(await chat.see(/turn completed.*/)).toMatch(
        /response_id resp\S+ \| upstream_request_id req/,
      );
      await chat.see("> ");
      chat.type(`first\\${ENTER}`);
      await chat.see(". ");
      chat.type(`second${ENTER}`);
      await chat.see("Two lines.");
      expect(lastMessage(home)).toBe("first\nsecond");
      await chat.see(/turn completed[^>]*> /);
      chat.type(`\u001b[200~one${ENTER}two\u001b[201~`);
      await chat.see("two");
      chat.type(ENTER);
      await chat.see("Pasted.");
      expect(lastMessage(home)).toBe("one\ntwo");
      await chat.see(/turn completed[^>]*> /);
      chat.type(UP + UP + ENTER);
      await chat.see("Again.");
      expect(lastMessage(home)).toBe("one");
      await chat.see(/turn completed[^>]*> /);

      chat.type(`stop me${ENTER}`);
      await home.server.waitForGate("never");
      chat.type(CTRL_C);
      await chat.see("stopped");
      await chat.see("> ");
      chat.type(`are you there?${ENTER}`);
      await chat.see("Still here.");
      await chat.see(/turn completed[^>]*> /);
      chat.type(`thrown away${CTRL_C}`);
      await chat.see(/\n[^>]*> /);

      chat.type(`/status${ENTER}`);
      const status = await chat.see(/tokens .*/);
      expect(status).toContain(threadId);
      expect(status).toContain("danger-full-access");
      chat.type(`/diff${ENTER}`);
      const diff = await chat.see("untracked config.toml");
      expect(diff).toContain("+a");
      expect(diff).not.toContain("\u001b[2J");
      chat.type(`/hlep${ENTER}`);
      await chat.see("try /help");
      chat.type(`/help${ENTER}`);
      await chat.see("/compact");
      chat.type(`/compact${ENTER}`);
      await chat.see("the conversation is compacted");

      chat.type(`/new${ENTER}`);
      const newFacts = await chat.see(/thread +\S+/);
      expect(newFacts).not.toContain(threadId);
      await chat.see("> ");
      chat.type(`anything new?${ENTER}`);
      await chat.see("A new one.");
      await chat.see(/turn completed[^>]*> /);
      chat.type(`/resume${ENTER}`);
      await chat.see(/1 {2}\d{4}-.*hello/);
      await chat.see("or nothing: ");
      chat.type(`1${ENTER}`);
      await chat.see(threadId);
      await chat.see("> ");
      chat.type(`and now?${ENTER}`);
      await chat.see("Back again.");
      expect(home.server.requests.at(-1)?.bodyText).toContain("A summary.");
      await chat.see(/turn completed[^>]*> /);
      chat.type(`/quit${ENTER}`);
      await chat.see(` resume ${threadId}`);
      expect(await chat.ended).toBe(0);
      expect(home.server.unexpectedRequests).toEqual([]);
    });

    test("[cli/chat-approvals] asks before a command runs without a sandbox, and does as it is told", async () => {
      const call = (name: string) =>
        functionCallExchange({
          name: "exec_command",
          args: {
            cmd: `touch ${name}`,
            sandbox_permissions: "require_escalated",
            justification: "to see\u001b[2J",
          },
          callId: `call_${name}`,
        });
      const script = [
        call("yes"),
        messageExchange("Made."),
        call("no"),
        messageExchange("Not made."),
      ];
      await using home = await mockHome(script);
      await using chat = openChat(home);
      await chat.see("> ");
      // Typed too early to be an answer.
      chat.type(`go${ENTER}`);
      const question = await chat.see("q = no, and end the turn: ");
      expect(question).toMatch(/without a sandbox:\s+\$ \S*sh -l?c 'touch yes'/);
      expect(question).toContain("reason: to see");
      expect(question).not.toContain("\u001b[2J");
      expect(existsSync(join(home.path, "yes"))).toBe(false);
      chat.type(`perhaps${ENTER}`);
      await chat.see("please type y, a");
      await chat.see("q = no, and end the turn: ");
      chat.type(`y${ENTER}`);
      await chat.see("Made.");
      expect(existsSync(join(home.path, "yes"))).toBe(true);
      await chat.see(/turn completed[^>]*> /);
      chat.type(`again${ENTER}`);
      await chat.see("q = no, and end the turn: ");
      chat.type(`n${ENTER}`);
      await chat.see("Not made.");
      expect(existsSync(join(home.path, "no"))).toBe(false);
      await chat.see(/turn completed[^>]*> /);
      chat.type(CTRL_C);
      await chat.see("Ctrl-C again leaves");
      await chat.see("> ");
      chat.type(CTRL_C);
      expect(await chat.ended).toBe(0);
    });

    test("[cli/chat-quit] Ctrl-C twice leaves a turn that runs; the session goes on", async () => {
      const endless = { events: [created("resp_x"), gate("never")] };
      await using home = await mockHome([endless, messageExchange("Here I am.")]);
      await using chat = openChat(home);
      await chat.see("> ");
      chat.type(`wait for it${ENTER}`);
      await home.server.waitForGate("never");
      chat.type(CTRL_C + CTRL_C);
      expect(await chat.ended).toBe(0);
      const args = ["exec", "--skip-git-repo-check", "resume", "--last", "go on"];
      expect(await runInProcess(args, home.run)).toMatchObject({
        exitCode: 0,
        stdout: "Here I am.\n",
      });
      expect(home.server.requests.at(-1)?.bodyText).toContain("wait for it");
    });

    test("[cli/chat-flags] begins with the message and the options of the command line; resume goes on", async () => {
      const slow = {
        events: [created("resp_x"), gate("go"), ...streamedMessage(["A dot."]), completed()],
      };
      await using home = await mockHome([
        slow,
        messageExchange("You are welcome."),
        messageExchange("On we go."),
      ]);
      await mkdir(join(home.path, "work"));
      await writeFile(join(home.path, "dot.png"), DOT);
      const prompt = "what is in it?";
      const notify = ["/bin/sh", "-c", 'printf %s "$1" > told.tmp && mv told.tmp told', "sh"];
      const flags = ["-m", "gpt-other", "-s", "danger-full-access", "-C", "work", "-a", "never"];
      flags.push("-c", `notify=${JSON.stringify(notify)}`);
      let threadId: string | undefined;
      {
        await using chat = openChat(home, [...flags, prompt, "-i", "dot.png"]);
        const facts = await chat.see(`> ${prompt}`);
        expect(facts).toMatch(
          /model +gpt-other .*directory +\S+work\s.*sandbox +danger-full-access/s,
        );
        threadId = /thread +(\S+)/.exec(facts)?.[1];
        await home.server.waitForGate("go");
        const { body, bodyText } = home.server.requests.at(-1) ?? {};
        expect(body).toMatchObject({ model: "gpt-other" });
        expect(bodyText).toContain("data:image/png;base64,");
        expect(bodyText).toContain(prompt);
        // What is typed while a turn runs shows, without what was taken back, and is sent at the next prompt.
        chat.type(`thanksx\u007f${ENTER}`);
        await chat.see(/> thanks ⏎ /);
        home.server.release("go");
        await chat.see("You are welcome.");
        expect(lastMessage(home)).toBe("thanks");
        expect(home.server.requests.at(-1)?.bodyText.split("data:image/png")).toHaveLength(2);
        await chat.see(/turn completed[^>]*> /);
        chat.type(`/status${ENTER}`);
        expect(await chat.see("tokens")).toMatch(/approvals +never/);
        chat.type(`/quit${ENTER}`);
        await chat.see(` resume ${threadId}`);
        expect(await chat.ended).toBe(0);
      }
      await expect
        .poll(() => readFile(join(home.path, "told"), "utf8").catch(() => ""), { timeout: 20_000 })
        .toContain("You are welcome.");
      {
        await using list = openChat(home, ["resume", "-C", "work"]);
        await list.see(new RegExp(`1 {2}\\d{4}-.*${prompt.replace("?", "\\?")}`));
        await list.see("or nothing: ");
        list.type(`1${ENTER}`);
        await list.see(`${threadId}`);
        await list.see("> ");
        list.type(`/quit${ENTER}`);
        expect(await list.ended).toBe(0);
      }
      await using again = openChat(home, ["resume", "--last", "-C", "work", "go on"]);
      await again.see(`${threadId}`);
      await again.see("On we go.");
      expect(home.server.requests.at(-1)?.bodyText).toContain("You are welcome.");
      await again.see(/turn completed[^>]*> /);
      again.type("\u0004");
      expect(await again.ended).toBe(0);
    });

    test("[cli/chat-demo] runs the demo where no model is configured", async () => {
      await using home = await mockHome([]);
      await rm(join(home.path, "config.toml"));
      await using chat = openChat(home);
      await chat.see("both ids of");
      expect(await chat.ended).toBe(0);
    });
  },
);
