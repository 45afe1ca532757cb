import type { Command } from "commander";
import { type ProgramContext, examples, refusesOtherCommands } from "./command-help.ts";

/** Adds `mcp` and its commands. */
export function addMcp(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  const mcp = program
    .command("mcp")
    .description("List and edit the MCP servers of the configuration, and log in to them.");
  mcp
    .command("list")
    .description("List the servers.")
    .option("--json", "print them as JSON; values that may be credentials are hidden")
    .addHelpText("after", examples(["codex-ts mcp list"]))
    .action(async (_options: unknown, command: Command) => {
      const { runMcpList } = await import("./commands/mcp.ts");
      setExitCode(runMcpList(command.optsWithGlobals(), cliProcess));
    });
  mcp
    .command("get")
    .description("Show one server.")
    .argument("<name>", "its name in the configuration")
    .option("--json", "print it as JSON; values that may be credentials are hidden")
    .addHelpText("after", examples(["codex-ts mcp get docs"]))
    .action(async (name: string, _options: unknown, command: Command) => {
      const { runMcpGet } = await import("./commands/mcp.ts");
      setExitCode(runMcpGet(name, command.optsWithGlobals(), cliProcess));
    });
  mcp
    .command("add")
    .description("Add a server to config.toml, whose comments stay as they are.")
    .usage("[options] <name> (--url <url> | -- <command>...)")
    .argument("<name>", "a name of your choice")
    .argument("[command...]", "the program and its arguments, after --")
    .option("--url <url>", "a server on the network, spoken to over streamable HTTP")
    .option("--bearer-token-env-var <name>", "variable that holds a bearer token, with --url")
    .option(
      "--env <name=value>",
      "variable of the program (repeatable)",
      (text: string, texts?: readonly string[]) => [...(texts ?? []), text],
    )
    .addHelpText(
      "after",
      examples([
        "codex-ts mcp add docs --env LEVEL=debug -- docs-server --stdio",
        "codex-ts mcp add search --url https://localhost:8443/mcp --bearer-token-env-var SEARCH_TOKEN",
      ]),
    )
    .action(async (name: string, words: readonly string[], _options: unknown, command: Command) => {
      const { runMcpAdd } = await import("./commands/mcp.ts");
      setExitCode(runMcpAdd(name, words, command.optsWithGlobals(), cliProcess));
    });
  mcp
    .command("remove")
    .description("Take a server out of config.toml, whose other comments stay as they are.")
    .argument("<name>", "its name in the configuration")
    .addHelpText("after", examples(["codex-ts mcp remove docs"]))
    .action(async (name: string) => {
      const { runMcpRemove } = await import("./commands/mcp.ts");
      setExitCode(runMcpRemove(name, cliProcess));
    });
  mcp
    .command("login")
    .description("Log in to a server with a url, in a browser, and keep the login for Codex, too.")
    .argument("<name>", "its name in the configuration")
    .option("--scopes <list>", "what to ask for, separated by commas (default: what it names)")
    .addHelpText("after", examples(["codex-ts mcp login search"]))
    .action(async (name: string, _options: unknown, command: Command) => {
      const { runMcpLogin } = await import("./commands/mcp-login.ts");
      setExitCode(await runMcpLogin(name, command.optsWithGlobals(), cliProcess));
    });
  mcp
    .command("logout")
    .description("Forget the login to a server.")
    .argument("<name>", "its name in the configuration")
    .addHelpText("after", examples(["codex-ts mcp logout search"]))
    .action(async (name: string, _options: unknown, command: Command) => {
      const { runMcpLogout } = await import("./commands/mcp-login.ts");
      setExitCode(runMcpLogout(name, command.optsWithGlobals(), cliProcess));
    });
  refusesOtherCommands(mcp);
}
