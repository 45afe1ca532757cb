import {
  customToolCall,
  functionCallExchange,
  messageExchange,
  streamExchange,
} from "@codex-ts/responses-server";
import type { LiveScenario } from "../live-scenario.ts";
import { late } from "./late.ts";

function patchOf(...lines: readonly string[]): string {
  return ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
}

const FILES = { "a.txt": "one\ntwo\nthree\n", "b.txt": "b\r\nc\r\n", "gone.txt": "gone\n" };

/** One call of `apply_patch` after the other, then a message. */
function patches(name: string, ...inputs: readonly string[]): LiveScenario {
  const calls = inputs.map((input, index) =>
    streamExchange([customToolCall("apply_patch", input, `call_${index + 1}`)]),
  );
  return { name, files: FILES, script: [...calls, late(messageExchange("Done."))] };
}

/** One command, then a message. */
function command(name: string, cmd: string): LiveScenario {
  return {
    name,
    files: FILES,
    script: [
      functionCallExchange({ name: "exec_command", args: { cmd }, callId: "call_1" }),
      late(messageExchange("Done.")),
    ],
  };
}

const HEREDOC = `apply_patch <<'EOF'\n${patchOf("*** Update File: a.txt", "-two", "+TWO")}\nEOF`;

/** Patches, and what the model and the client are told of them. */
export const PATCH_SCENARIOS: readonly LiveScenario[] = [
  {
    ...patches(
      "patch",
      patchOf(
        "*** Update File: a.txt",
        "*** Move to: sub/moved.txt",
        "@@",
        " one",
        "-two",
        "+TWO",
        "*** Delete File: gone.txt",
        "*** Add File: new.txt",
        "+new",
        "*** Update File: b.txt",
        "-c",
        "+C",
      ),
    ),
    runsUntraced: true,
  },
  patches(
    "patch-that-does-not-fit",
    patchOf("*** Update File: a.txt", "-missing", "+x"),
    patchOf("*** Update File: none.txt", "-x"),
    patchOf("*** Update File: a.txt"),
    patchOf("*** Environment ID: elsewhere", "*** Add File: x", "+x"),
    patchOf(),
    "no patch",
  ),
  patches("patch-that-cannot-be-written", patchOf("*** Add File: a.txt/under", "+x")),
  command("patch-in-a-command", HEREDOC),
  command(
    "patch-in-a-directory",
    HEREDOC.replace("apply_patch", "cd sub/dir && apply_patch")
      .replace("Update File: a.txt", "Add File: b.txt")
      .replace("-two\n", ""),
  ),
  command("patch-for-a-command", patchOf("*** Add File: x", "+x")),
  // Apart in time: which of its two outputs is read first is nobody's promise, and the items of 0.140 lack
  // what a command prints before 0.140 has begun to listen.
  command("patch-in-a-command-that-does-more", `sleep 0.3\n${HEREDOC}\nsleep 0.3; echo more`),
];
