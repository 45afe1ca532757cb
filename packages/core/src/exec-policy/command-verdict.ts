import type { CommandUnderstanding } from "../compatibility/compatibility-profile.ts";
import { mayAskAbout, ruleOf } from "../policies.ts";
import type { ApprovalPolicy, SandboxMode } from "../policies.ts";
import { shellJoin } from "../tools/exec/shell-quote.ts";
import type { ExecPolicy } from "./exec-policy.ts";
import { removesByForce } from "./forced-removal.ts";
import type { RuleDecision, RuleMatch } from "./prefix-rule.ts";
import { strictest } from "./prefix-rule.ts";
import { isReadOnly } from "./read-only-command.ts";
import type { ShellCommands, ShellReader } from "./shell-commands.ts";

/** The verdict of rules and policy about a command. */
export type CommandVerdict =
  | {
      readonly type: "run";
      /** Whether rules allow every part of it, so that it needs no sandbox. */
      readonly isTrusted: boolean;
    }
  /** `reason`: a text the model and its programs read. */
  | { readonly type: "refuse"; readonly reason: string }
  | {
      readonly type: "ask";
      readonly reason: string | undefined;
      readonly proposedPrefix: readonly string[] | undefined;
    };

/** A command and the wishes of the model about it. */
export interface WantedCommand {
  readonly command: readonly string[];
  /** Whether it is to run without a sandbox. */
  readonly isEscalated: boolean;
  /** The model's reason. */
  readonly justification: string | undefined;
  /** A prefix the model proposes to allow for good. */
  readonly prefixRule: readonly string[] | undefined;
}

export interface VerdictFacts {
  readonly policy: ApprovalPolicy;
  readonly sandboxMode: SandboxMode;
  readonly rules: ExecPolicy;
  readonly reader: ShellReader;
  readonly understanding: CommandUnderstanding;
}

/** Prefixes that would allow everything; no model gets one proposed. */
const TOO_WIDE: ReadonlySet<string> = new Set(
  `bash sh zsh fish dash ksh bash\0-c bash\0-lc sh\0-c sh\0-lc zsh\0-c zsh\0-lc env sudo git node node\0-e deno bun perl perl\0-e php php\0-r ruby
ruby\0-e lua python python\0- python\0-c python3 python3\0- python3\0-c py pyw osascript pwsh powershell`.split(
    /\s+/,
  ),
);

/** Machine-read texts, the same in Codex. */
const NEVER_ASKS = "approval required by policy, but AskForApproval is set to Never";
const NO_SANDBOX_ASKS =
  "approval required by policy, but AskForApproval::Granular.sandbox_approval is false";
const NO_RULE_ASKS =
  "approval required by policy rule, but AskForApproval::Granular.rules is false";

/** One part of a command line, with what is said about it. */
interface Part {
  readonly command: readonly string[];
  /** The rules it begins with. */
  readonly matches: readonly RuleMatch[];
  readonly decision: RuleDecision;
}

/** Decides about a command by the rules, and by the approval policy where no rule is about it. */
export function commandVerdict(wanted: WantedCommand, facts: VerdictFacts): CommandVerdict {
  const shell = facts.reader.commandsOf(wanted.command);
  const parts = shell.commands.map((command): Part => {
    const matches = facts.rules.matches(command);
    const byRule = strictest(matches.map(({ decision }) => decision));
    return { command, matches, decision: byRule ?? withoutRule(command, shell, wanted, facts) };
  });
  switch (strictest(parts.map(({ decision }) => decision)) ?? "prompt") {
    case "allow":
      return { type: "run", isTrusted: parts.every(({ matches }) => matches.length > 0) };
    case "forbidden":
      return { type: "refuse", reason: refusal(wanted.command, parts, facts) };
    case "prompt":
      if (facts.policy === "never") return { type: "refuse", reason: NEVER_ASKS };
      if (isAskedByRule(parts)) {
        if (!mayAskAbout(facts.policy, "rules")) return { type: "refuse", reason: NO_RULE_ASKS };
      } else if (!mayAskUnruled(facts)) {
        return { type: "refuse", reason: NO_SANDBOX_ASKS };
      }
      return {
        type: "ask",
        reason: questionOf(wanted.command, parts) ?? wanted.justification,
        proposedPrefix: proposedPrefix(wanted, shell, parts),
      };
  }
}

function withoutRule(
  command: readonly string[],
  { form }: ShellCommands,
  { isEscalated }: WantedCommand,
  { policy, sandboxMode, reader, understanding }: VerdictFacts,
): RuleDecision {
  if (policy === "untrusted" && form !== "heredoc" && isReadOnly(command, reader)) return "allow";
  const isConfined = sandboxMode !== "danger-full-access";
  if (removesByForce(command, reader, understanding.forcedRemoval)) {
    if (policy !== "never") return "prompt";
    const isRefused = isConfined || understanding.forcedRemovalIsRefused === "always";
    return isRefused ? "forbidden" : "allow";
  }
  const rule = ruleOf(policy);
  switch (rule) {
    case "never":
    case "on-failure":
      return "allow";
    case "untrusted":
      return "prompt";
    case "on-request":
      return isConfined && isEscalated ? "prompt" : "allow";
    default:
      return rule satisfies never;
  }
}

function refusal(command: readonly string[], parts: readonly Part[], facts: VerdictFacts): string {
  const match = longestMatch(parts, "forbidden");
  const reason =
    match === undefined
      ? facts.understanding.forcedRemovalText
      : (match.justification ??
        `policy forbids commands starting with \`${shellJoin(match.matchedPrefix)}\``);
  return `\`${shellJoin(command)}\` rejected: ${reason}`;
}

function questionOf(command: readonly string[], parts: readonly Part[]): string | undefined {
  const match = longestMatch(parts, "prompt");
  if (match === undefined) return undefined;
  const { justification } = match;
  const shown = `\`${shellJoin(command)}\` requires approval`;
  return justification === undefined ? `${shown} by policy` : `${shown}: ${justification}`;
}

/** Of escalations nothing comes this far where they may not be asked about: what is left is forced removal. */
function mayAskUnruled({ policy, understanding }: VerdictFacts): boolean {
  return (
    understanding.granular.removalIsAsked === "always" || mayAskAbout(policy, "sandbox_approval")
  );
}

function isAskedByRule(parts: readonly Part[]): boolean {
  return longestMatch(parts, "prompt") !== undefined;
}

function longestMatch(parts: readonly Part[], decision: RuleDecision): RuleMatch | undefined {
  return parts
    .flatMap(({ matches }) => matches)
    .filter((match) => match.decision === decision)
    .toSorted((one, other) => other.matchedPrefix.length - one.matchedPrefix.length)[0];
}

/** The prefix that would let the command run unasked: the model's own where it does, or the first part that is asked about. */
function proposedPrefix(
  { prefixRule = [] }: WantedCommand,
  { form }: ShellCommands,
  parts: readonly Part[],
): readonly string[] | undefined {
  if (form === "heredoc" || isAskedByRule(parts)) return undefined;
  const isUsable =
    prefixRule.length > 0 &&
    !TOO_WIDE.has(prefixRule.join("\0")) &&
    parts.every(({ matches }) => matches.length === 0) &&
    parts.every(({ command, decision }) => decision === "allow" || startsWith(command, prefixRule));
  if (isUsable) return prefixRule;
  return parts.find(({ decision, matches }) => decision === "prompt" && matches.length === 0)
    ?.command;
}

function startsWith(command: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((word, index) => command[index] === word);
}
