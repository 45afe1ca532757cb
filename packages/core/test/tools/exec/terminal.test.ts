import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { waitFor } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { loadTerminals } from "../../../src/tools/exec/terminal-library.ts";
import { commandScene, printed, sessionIdOf } from "../../support/command-scene.ts";

const { problem } = await loadTerminals();

/** One that has ended and that nobody has asked about since is a zombie. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

describe.skipIf(problem !== undefined || !existsSync("/proc/self/status"))(
  "a command on a terminal",
  () => {
    test("[core/X3] echoes what is typed with CRLF, ends at Ctrl-D, and is unknown from then on", async () => {
      await using scene = await commandScene();
      const started = await scene.exec({ cmd: "cat", tty: true, yield_time_ms: 800 });
      const session_id = sessionIdOf(started);
      expect(printed(started)).toBe("");
      expect(
        printed(await scene.writeStdin({ session_id, chars: "one\n", yield_time_ms: 800 })),
      ).toBe("one\r\none\r\n");
      expect(
        printed(await scene.writeStdin({ session_id, chars: "two\n", yield_time_ms: 800 })),
      ).toBe("two\r\ntwo\r\n");
      const ended = await scene.writeStdin({ session_id, chars: "\u0004", yield_time_ms: 5000 });
      expect(ended).toContain("\nProcess exited with code 0\n");
      await expect(scene.writeStdin({ session_id, chars: "late\n" })).rejects.toThrow(
        `write_stdin failed: Unknown process id ${session_id}`,
      );
      expect(scene.emitted.map(({ type }) => type)).toContain("exec_command_end");
      const end = scene.emitted.find((event) => event.type === "exec_command_end");
      expect(end?.msg).toMatchObject({
        exit_code: 0,
        aggregated_output: "one\r\none\r\ntwo\r\ntwo\r\n",
      });
    });

    test("[core/X3-size] has 24 rows, 80 columns and the terminal type dumb", async () => {
      await using scene = await commandScene();
      const output = await scene.exec({
        cmd: "test -t 0 && test -t 2 && stty size; echo $TERM",
        tty: true,
      });
      expect(printed(output)).toBe("24 80\r\ndumb\r\n");
    });

    test("[core/X4-tty] Ctrl-C is typed, and a command that a signal ends has the code 1", async () => {
      await using scene = await commandScene();
      const session_id = sessionIdOf(
        await scene.exec({ cmd: "exec sleep 60", tty: true, yield_time_ms: 800 }),
      );
      const output = await scene.writeStdin({ session_id, chars: "\u0003", yield_time_ms: 5000 });
      expect(output).toContain("\nProcess exited with code 1\n");
      expect(printed(output)).toBe("^C");
      expect(await scene.exec({ cmd: "kill -9 $$", tty: true })).toContain(
        "\nProcess exited with code 1\n",
      );
    });

    test("[core/X3-split] joins a character that comes in two pieces", async () => {
      await using scene = await commandScene();
      const output = await scene.exec({
        cmd: String.raw`printf '\xe2\x82'; sleep 0.1; printf '\xac'`,
        tty: true,
      });
      expect(printed(output)).toBe("€");
    });

    test("[core/X3-missing] says that a shell or a directory is not there, and refuses a NUL byte", async () => {
      await using scene = await commandScene({}, "0.140");
      for (const tty of [true, false]) {
        await expect(scene.exec({ cmd: "true", shell: "/no/such/shell", tty })).rejects.toThrow(
          "exec_command failed for `/no/such/shell -c true`: spawn /no/such/shell ENOENT",
        );
        await expect(scene.exec({ cmd: "pwd", workdir: "nowhere", tty })).rejects.toThrow(
          /no such working directory: .*\/nowhere$/,
        );
        await expect(scene.exec({ cmd: "echo a\0; rm x", tty })).rejects.toThrow(
          /it holds a NUL byte$/,
        );
      }
      expect(scene.emitted).toEqual([]);
    });

    test("[core/X3-input] text for a command that never reads is refused before it fills the memory", async () => {
      await using scene = await commandScene();
      const session_id = sessionIdOf(
        await scene.exec({ cmd: "stty raw; exec sleep 60", tty: true, yield_time_ms: 500 }),
      );
      const chars = "x".repeat(400_000);
      const write = (): Promise<string> => scene.writeStdin({ session_id, chars });
      await write();
      await write();
      await expect(write()).rejects.toThrow(
        /bytes that the command has not read yet are more than/,
      );
      await expect(scene.writeStdin({ session_id, chars: "y".repeat(2_000_000) })).rejects.toThrow(
        /write less, or wait/,
      );
    });

    test("[core/X3-closed] a command that closes its terminal and ignores the hang-up still runs, and its end is seen", async () => {
      await using scene = await commandScene();
      const started = await scene.exec({
        cmd: "trap '' HUP; echo begun; exec <&- >&- 2>&-; until [ -e on ]; do sleep 0.05; done; exit 3",
        tty: true,
        yield_time_ms: 800,
      });
      expect(printed(started)).toBe("begun\r\n");
      const session_id = sessionIdOf(started);
      await scene.writeStdin({ session_id, chars: "into the void\n" });
      await writeFile(`${scene.folder}/on`, "");
      expect(await scene.writeStdin({ session_id })).toContain("\nProcess exited with code 3\n");
    });

    test("[core/X3-closed] a command that closes its terminal is not hung up on, and ends as it likes", async () => {
      await using scene = await commandScene();
      const output = await scene.exec({
        cmd: "echo begun; exec <&- >&- 2>&-; sleep 0.5; exit 3",
        tty: true,
        yield_time_ms: 10_000,
      });
      expect(printed(output)).toBe("begun\r\n");
      expect(output).toContain("\nProcess exited with code 3\n");
    });

    test("[core/X3-stubborn] closing kills children on the terminal that ignore every signal they can", async () => {
      const pids: number[] = [];
      {
        await using scene = await commandScene();
        await scene.exec({
          cmd: `trap '' HUP INT TERM; for i in 1 2 3; do (trap '' HUP INT TERM; echo $BASHPID >> pids; exec sleep 61) & done; set -m; (trap '' HUP; echo $BASHPID >> pids; exec sleep 61) & wait`,
          tty: true,
          yield_time_ms: 300,
        });
        await waitFor(async () => {
          const text = await readFile(`${scene.folder}/pids`, "utf8").catch(() => "");
          pids.splice(0, pids.length, ...text.split("\n").filter(Boolean).map(Number));
          return pids.length === 4;
        });
        expect(pids.every(isAlive)).toBe(true);
      }
      expect(pids.filter(isAlive)).toEqual([]);
    });

    test("[core/X9-tty] an abort kills a command on a terminal", async () => {
      await using scene = await commandScene();
      const abort = new AbortController();
      const running = scene.exec(
        { cmd: "echo $$ > pid; trap '' INT HUP TERM; while :; do sleep 1; done", tty: true },
        { signal: abort.signal },
      );
      let pid = Number.NaN;
      await waitFor(async () => {
        pid = Number(await readFile(`${scene.folder}/pid`, "utf8").catch(() => "")) || Number.NaN;
        return !Number.isNaN(pid);
      });
      abort.abort();
      expect(await running).toContain("aborted by user");
      expect(isAlive(pid)).toBe(false);
    });
  },
);
