import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The directory in which the packages are installed, and the programs of its user. */
interface Installed {
  readonly directory: string;
  readonly home: string;
  run(command: string, commandArguments?: readonly string[], input?: string): string;
  write(file: string, content: string): void;
}

const COMMAND = "codex-ts";
const KEY = "sk-of-the-quick-start";
const ANSWER = "It is a quick start.";

/** Plays the provider: lists a model, and answers every turn. */
const SERVER = `import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
const script = [{ ...messageExchange(${JSON.stringify(ANSWER)}), repeat: Infinity }];
const server = await startResponsesServer({ script, models: ["gpt-5"] });
console.log(server.url);
`;

/**
 * Runs the commands of the command line's README as they stand there, one after the other, against a server on loopback;
 * a login by the key its comment names, and what the README leaves out of the name of a bundle put in. Throws when one
 * fails or does something else.
 */
export async function checkQuickStart(installed: Installed, node: string): Promise<void> {
  const readme = join(installed.directory, "node_modules/@codex-ts/cli/README.md");
  const commands = quickStartOf(readFileSync(readme, "utf8"));
  installed.write("serve.mjs", SERVER);
  const server = spawn(node, ["serve.mjs"], {
    cwd: installed.directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [url] = (await once(server.stdout, "data")) as [Buffer];
    const provider = `openai_base_url = "${String(url).trim()}"`;
    writeFileSync(join(installed.home, "config.toml"), `model = "gpt-5"\n${provider}\n`);
    installed.run("git", ["init", "--quiet"]);
    for (const words of commands) runCommand(words, installed);
    // Not in the README of a beginner, and the first thing to run when something is wrong.
    const report = installed.run(COMMAND, [
      "doctor",
      "--json",
      "-c",
      "sandbox_mode=danger-full-access",
    ]);
    if (!report.includes('"overallStatus": "ok"')) throw new Error(`doctor reports\n${report}`);
  } finally {
    server.kill();
    await once(server, "exit");
  }
  console.log(`  quick start: ${commands.length} commands ran`);
}

/** The commands of the first block for a shell that are ours, as words. */
function quickStartOf(readme: string): readonly (readonly string[])[] {
  const block = /^```sh\n([^]*?)^```$/m.exec(readme)?.[1] ?? "";
  const lines = block.split("\n").filter((line) => line.startsWith(COMMAND));
  if (lines.length < 4) throw new Error("the README of the command line has no quick start");
  return lines.map((line) =>
    [...line.replace(/ +#.*$/, "").matchAll(/"([^"]*)"|(\S+)/g)]
      .slice(1)
      .map(([, quoted, plain = ""]) => quoted ?? plain),
  );
}

function runCommand(words: readonly string[], installed: Installed): void {
  const [name] = words;
  const { directory } = installed;
  if (name === "login") {
    installed.run(COMMAND, [...words, "--with-api-key"], KEY);
    return;
  }
  const [bundle = ""] = name === "trace" ? readdirSync(join(directory, "traces")) : [];
  const given = words.map((word) => (word === "traces/trace-…" ? join("traces", bundle) : word));
  const printed = installed.run(COMMAND, given);
  if (name === "exec" && printed !== `${ANSWER}\n`) throw new Error(`exec prints ${printed}`);
  if (name === "trace" && !printed.includes(ANSWER)) throw new Error(`trace shows ${printed}`);
}
