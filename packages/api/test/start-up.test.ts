import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const listWebSocketModules = `
  import { createRequire } from "node:module";
  await import("@codex-ts/api");
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  console.log(process.moduleLoadList.includes("NativeModule https"));
  console.log(loaded.filter((file) => /[\\\\/]ws[\\\\/]lib[\\\\/]/.test(file)).length);
  const { openSocket } = await import("./src/websocket/open-socket.ts");
  console.log(Object.keys(createRequire(import.meta.url).cache).length > loaded.length);
`;

test("importing the package loads no WebSocket implementation and no HTTPS client", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@codex-ts/source", "--input-type=module", "--eval", listWebSocketModules],
    { cwd: new URL("..", import.meta.url) },
  );
  expect(stdout).toBe("false\n0\ntrue\n");
});
