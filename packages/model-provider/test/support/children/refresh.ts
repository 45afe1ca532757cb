// Started by refresh-processes.test.ts: says "ready", waits for a line, lets its managers ask for credentials, tells how that went.
import { once } from "node:events";
import { AuthManager } from "../../../src/auth/auth-manager.ts";
import { attached } from "../headers.ts";

const [, , codexHome = "", url = "", managerCount = "1"] = process.argv;
const managers = Array.from(
  { length: Number(managerCount) },
  () =>
    new AuthManager({
      codexHome,
      env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: url },
      client: { originator: "codex_ts_test", userAgent: "codex-ts-test/1" },
    }),
);

process.stdout.write("ready\n");
await once(process.stdin, "data");
await Promise.all(managers.map((manager) => manager.auth()));
const outcomes = managers.map((manager) => ({
  authorization: attached(manager.authCached()?.authProvider).authorization,
  failure: manager.permanentFailure()?.reason,
}));
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
process.exit(0);
