import { afterEach, beforeEach, expect, test, vi } from "vitest";

// As where the package was not installed, or its native part was made for another C library. Test files share their
// modules: one that has the library must not be found here, nor one without it afterwards.
beforeEach(() => {
  vi.resetModules();
  vi.doMock("@lydell/node-pty", () => {
    throw new Error("libc.so.6: cannot open shared object file\nand much advice");
  });
});
afterEach(() => {
  vi.doUnmock("@lydell/node-pty");
  vi.resetModules();
});

// Every module is loaded anew, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test("[core/X3-no-library] without the library for terminals a command runs on pipes, its input open, and the model is told", async () => {
  const { commandScene, printed, sessionIdOf } = await import("../../support/command-scene.ts");
  await using scene = await commandScene();
  const started = await scene.exec({ cmd: "test -t 0 || cat", tty: true, yield_time_ms: 1500 });
  expect(started).toMatch(
    /^Warning: no terminal, because the optional package @lydell\/node-pty cannot be loaded \(.+\)\. .*pipes.*$/m,
  );
  expect(started).not.toContain("much advice");
  const session_id = sessionIdOf(started);
  const typed = await scene.writeStdin({ session_id, chars: "one\n", yield_time_ms: 1000 });
  expect(printed(typed)).toBe("one\n");
  expect(typed).not.toContain("Warning");
  const ended = await scene.writeStdin({ session_id, chars: "\u0003", yield_time_ms: 5000 });
  expect(ended).toContain("\nProcess exited with code 130\n");
});
