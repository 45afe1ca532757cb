// @ts-nocheck
import { mkdir, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { readFileSync, readdirSync } from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  startResponsesServer,
  messageExchange,
  streamExchange,
  streamedReasoning,
  functionCall,
} from "@codex-ts/responses-server";
import { writeHome } from "./programs/home.ts";
import { programEnvironment } from "./programs/run-program.ts";
import { ownCodex, likeCodex } from "./programs/program.ts";
const v = process.argv[2];
const root = await realpath(await mkdtemp(`/tmp/s17a/ours-`));
const home = join(root, "home"),
  ws = join(root, "ws");
await mkdir(home);
await mkdir(ws);
await using server = await startResponsesServer({
  script: [
    streamExchange(
      [
        streamedReasoning({ summary: ["Run it."], encryptedContent: "enc-1" }),
        functionCall("exec_command", { cmd: "echo one && echo two" }, "call_1"),
      ],
      { requestId: "req_1" },
    ),
    messageExchange("It printed two lines.", { requestId: "req_2" }),
    messageExchange("x"),
    messageExchange("y"),
    messageExchange("z"),
  ],
});
await writeHome(home, { baseUrl: server.url, compatibility: v });
const p = likeCodex(ownCodex({ from: "source" }), v, []);
const run = (args) =>
  new Promise((resolve) => {
    const c = spawn(
      p.command,
      [
        ...p.args,
        "exec",
        "--json",
        "--dangerously-bypass-approvals-and-sandbox",
        "--skip-git-repo-check",
        ...p.execArgs,
        ...args,
      ],
      {
        cwd: ws,
        env: { ...programEnvironment(home, undefined), ...p.env },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let out = "",
      err = "";
    c.stdout.on("data", (d) => (out += d));
    c.stderr.on("data", (d) => (err += d));
    c.on("close", (code) => resolve({ code, out, err }));
  });
let r = await run(["go"]);
console.log(r);
const id = JSON.parse(r.out.split("\n")[0]).thread_id;
console.log(await run(["resume", id, "again"]));
console.log(await run(["resume", "--last", "again"]));
console.log(await run(["fork", id, "forked"]));
console.log(await run(["resume", "00000000-0000-7000-8000-000000000000", "x"]));
for (const f of readdirSync(join(home, "sessions"), { recursive: true })
  .map(String)
  .filter((x) => x.endsWith("jsonl"))) {
  console.log(f);
  console.log(readFileSync(join(home, "sessions", f), "utf8"));
}
