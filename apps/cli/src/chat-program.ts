import { type Command, Option } from "commander";
import type { CliProcess } from "./cli-process.ts";
import { type ProgramContext, examples, unknownCommand } from "./command-help.ts";
import type { ChatOptions, ChatStart } from "./commands/chat.ts";
import { UsageError } from "./errors.ts";
import { addThreadOptions } from "./thread-options.ts";

/** Adds `chat`, which a command line without a command is, too, and `resume`. */
export function addChat(
  program: Command,
  context: ProgramContext,
  startDemo: () => Promise<void>,
): void {
  const chat = program
    .command("chat", { isDefault: true })
    .usage("[options] [prompt]")
    .description("Talk with an agent in a terminal; what runs without a command.")
    .argument("[prompt]", "the first message")
    .allowExcessArguments();
  addChatOptions(chat)
    .addHelpText("after", examples(CHAT_EXAMPLES))
    .action(async (prompt: string | undefined) => {
      const { cliProcess, setExitCode } = context;
      const isNamed = program.args[0] === chat.name();
      if (!isNamed && prompt !== undefined) refuseWord(program, prompt);
      if (chat.args.length > 1) {
        throw new UsageError("the message of a chat is one argument: quote it");
      }
      const options = chat.optsWithGlobals<ChatOptions>();
      // Nobody who has said a word about a chat wants to see the demo.
      const isBare = program.args.length === 0;
      if (isBare && !isTerminal(cliProcess)) return await startDemo();
      refuseNoTerminal(cliProcess);
      const { canChat, runChat } = await import("./commands/chat.ts");
      if (isBare && !canChat(options, cliProcess)) return await startDemo();
      setExitCode(await runChat(options, cliProcess, { prompt }));
    });
  addResume(program, context);
}

interface ResumeOptions {
  readonly last?: boolean;
  readonly all?: boolean;
}

function addResume(program: Command, { cliProcess, setExitCode }: ProgramContext): void {
  const resume = program
    .command("resume")
    .usage("[options] [session id] [prompt]")
    .description("Go on with a session in a chat; without an id there is a list of them.")
    .argument("[session id]", "id of the session; leave it out with --last")
    .argument("[prompt]", "the next message")
    .option("--last", "the session of this directory that was used last")
    .option("--all", "sessions of any directory");
  addChatOptions(resume)
    .addHelpText("after", examples(RESUME_EXAMPLES))
    .action(async (first: string | undefined, second: string | undefined) => {
      const { last = false, all: isAnyDirectory = false } = resume.opts<ResumeOptions>();
      if (last && second !== undefined) {
        throw new UsageError("resume takes the id of a session or --last, not both");
      }
      const start: ChatStart = last
        ? { resume: { type: "last", isAnyDirectory }, prompt: first }
        : {
            resume:
              first === undefined
                ? { type: "chosen", isAnyDirectory }
                : { type: "id", threadId: first },
            prompt: second,
          };
      refuseNoTerminal(cliProcess);
      const { runChat } = await import("./commands/chat.ts");
      setExitCode(await runChat(resume.optsWithGlobals(), cliProcess, start));
    });
}

function addChatOptions(command: Command): Command {
  return addThreadOptions(command)
    .addOption(
      new Option(
        "-a, --ask-for-approval <policy>",
        "what you are asked about: on-request (default) or never",
      ),
    )
    .option("--search", "let the model search the web as it is now, not only kept pages");
}

/** A message differs from a mistaken command by its spaces. */
function refuseWord(program: Command, word: string): void {
  const isCommand = program.commands.some((command) => command.name() === word);
  if (isCommand) throw new UsageError(`write the options of ${word} behind it: codex-ts ${word} …`);
  if (!/\s/.test(word.trim())) throw unknownCommand(program, word);
}

function isTerminal({ stdin, stdout }: CliProcess): boolean {
  return stdin.isTTY === true && stdout.isTTY === true;
}

function refuseNoTerminal(cliProcess: CliProcess): void {
  if (isTerminal(cliProcess)) return;
  throw new UsageError("a chat needs a terminal; codex-ts exec runs one turn without one");
}

const CHAT_EXAMPLES = [
  "codex-ts",
  'codex-ts -m gpt-5 -s workspace-write "Fix the failing test"',
  "codex-ts -C ../other -i screen.png",
];

const RESUME_EXAMPLES = [
  "codex-ts resume",
  'codex-ts resume --last "And the tests?"',
  "codex-ts resume 01a22ad2-cddc-7562-9144-35efa19faf9f -m gpt-5",
];
