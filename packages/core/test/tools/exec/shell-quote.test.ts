import { expect, test } from "vitest";
import { execFileSync } from "node:child_process";
import { shellJoin } from "../../../src/tools/exec/shell-quote.ts";

test("[core/X13] quotes words as the reference client shows them", () => {
  const words = (last: string): string => shellJoin(["/bin/bash", "-lc", last]);
  expect(words("echo one && echo two")).toBe("/bin/bash -lc 'echo one && echo two'");
  expect(words("no-such-program-here")).toBe("/bin/bash -lc no-such-program-here");
  expect(words("bash -c 'echo ready; read x; echo got:$x; sleep 0.3; echo bye'")).toBe(
    `/bin/bash -lc "bash -c 'echo ready; read x; echo got:"'$x; sleep 0.3; echo bye'"'"`,
  );
  expect(words("ls a\\ b")).toBe(`/bin/bash -lc "ls a\\\\ b"`);
  expect(words("a ^x")).toBe("/bin/bash -lc 'a ''^x'");
  expect(words('a "\\$x"')).toBe(`/bin/bash -lc "a \\"\\\\"'$x"'`);
  expect(shellJoin([""])).toBe("''");
  expect(words(String.raw`printf "a\n"`)).toBe(String.raw`/bin/bash -lc "printf \"a\\n\""`);
  expect(words('grep -E "^a" x')).toBe(`/bin/bash -lc 'grep -E "''^a" x'`);
});

test("[core/X13] a shell reads back what was quoted", () => {
  const odd = [`a'b"c`, "$HOME `x` \\ !", "^", "a^b^", "\\", "tab\tnew\nline", "é😀", "'", ""];
  const printed = execFileSync("/bin/bash", ["-c", `printf '%s\\0' ${shellJoin(odd)}`], {
    encoding: "utf8",
  });
  expect(printed.split("\0").slice(0, -1)).toEqual(odd);
});
