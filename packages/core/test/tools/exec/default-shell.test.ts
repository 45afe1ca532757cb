import { expect, test } from "vitest";
import { defaultShell } from "../../../src/tools/exec/default-shell.ts";

test("[core/X1-default-shell] takes the first shell that can be run", () => {
  expect(defaultShell(["/no/such/bash", "/bin/sh"])).toBe("/bin/sh");
  // A file that is there but is no program does not count.
  expect(defaultShell(["/etc/passwd", "/bin/sh"])).toBe("/bin/sh");
  expect(defaultShell(["/no/such/bash", "/no/such/sh"])).toBe("/no/such/sh");
});
