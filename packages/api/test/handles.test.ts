import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("importing loads no WebSocket implementation and no HTTPS client, and a process that has used everything ends by itself", async () => {
  const script = fileURLToPath(new URL("support/leave-nothing-behind.ts", import.meta.url));
  // A timer or socket that was left would keep the process; the timeout then kills it and the promise rejects.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@codex-ts/source", script],
    { timeout: 20_000 },
  );
  expect(JSON.parse(stdout)).toEqual({
    afterImport: { https: false, ws: false },
    atEnd: { https: true, ws: true },
  });
});
