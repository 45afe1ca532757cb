import { type Command, Option } from "commander";
import { type ProgramContext, examples } from "./command-help.ts";
import { UsageError } from "./errors.ts";
import { nearestWords } from "./nearest.ts";

/** Adds `login`, `login status` and `logout`. */
export function addLogin(program: Command, context: ProgramContext): void {
  addLoginItself(program, context);
  program
    .command("logout")
    .description("Withdraw the stored login and remove it.")
    .addHelpText("after", examples(["codex-ts logout"]))
    .action(async (_options: unknown, command: Command) => {
      const { runLogout } = await import("./commands/logout.ts");
      context.setExitCode(await runLogout(command.optsWithGlobals(), context.cliProcess));
    });
}

function addLoginItself(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  const login = program
    .command("login")
    .usage("[options] [command]")
    .description("Log in and keep the login in $CODEX_HOME, where Codex finds it too.")
    .argument("[command]")
    .allowExcessArguments()
    .addOption(oneOf("--device-auth", "confirm a code in a browser on any device"))
    .addOption(oneOf("--with-api-key", "read an API key from standard input"))
    .addOption(
      oneOf("--with-access-token", "read a personal access token or agent identity from there"),
    )
    .addOption(hidden("--experimental_issuer <url>"))
    .addOption(hidden("--experimental_client-id <id>"))
    .addOption(hidden("--experimental_callback-port <port>"))
    .addOption(hidden("--api-key [key]"))
    .addHelpText("after", examples(LOGIN_EXAMPLES))
    .action(async (word: string | undefined, _options: unknown, command: Command) => {
      refuseSecretsInArguments(word, command);
      const { runLogin } = await import("./commands/login.ts");
      setExitCode(await runLogin(command.optsWithGlobals(), cliProcess));
    });
  login
    .command("status")
    .description("Tell which login is stored; exit code 1 when there is none.")
    .addHelpText("after", examples(["codex-ts login status"]))
    .action(async (_options: unknown, command: Command) => {
      const { runLoginStatus } = await import("./commands/login-status.ts");
      setExitCode(await runLoginStatus(command.optsWithGlobals(), cliProcess));
    });
}

const METHODS = ["deviceAuth", "withApiKey", "withAccessToken"];

function oneOf(flag: string, description: string): Option {
  const option = new Option(flag, description);
  return option.conflicts(METHODS.filter((method) => method !== option.attributeName()));
}

/** Spelled as Codex spells its own; for servers that are not the public one. */
function hidden(flags: string): Option {
  return new Option(flags).hideHelp();
}

/** A word here may be a key in the wrong place: it is not repeated, since logs are read by others. */
function refuseSecretsInArguments(word: string | undefined, command: Command): void {
  if (word === undefined && command.getOptionValue("apiKey") === undefined) return;
  if (nearestWords(word ?? "", ["status"]).length > 0) {
    throw new UsageError("unknown command after login: did you mean login status?");
  }
  throw new UsageError(
    "login takes no credential as an argument, where other users see it: pipe it in, with --with-api-key or --with-access-token",
  );
}

const LOGIN_EXAMPLES = [
  "codex-ts login",
  "printenv OPENAI_API_KEY | codex-ts login --with-api-key",
  "codex-ts login --device-auth",
];
