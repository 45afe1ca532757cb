import { type ApprovalDecision, type ApprovalRequest, shellJoin } from "@codex-ts/core";
import { clipPart } from "../render/clip.ts";
import { patchLines } from "../render/patch-lines.ts";
import { stripToOneLine } from "../render/strip-control.ts";
import type { Style } from "../render/style.ts";
import type { Terminal } from "./terminal.ts";

/** Asks the person at the terminal until there is a decision. Ctrl-C ends the turn. */
export async function askApproval(
  request: ApprovalRequest,
  {
    terminal,
    signal,
    style,
    print,
  }: {
    readonly terminal: Terminal;
    readonly signal: AbortSignal;
    readonly style: Style;
    readonly print: (line: string) => void;
  },
): Promise<ApprovalDecision> {
  for (const line of questionLines(request, style)) print(line);
  const choices = choicesFor(request);
  const question = `${choices.map(({ key, words }) => `${key} = ${words}`).join(", ")}: `;
  for (;;) {
    const answer = await terminal.ask(question, { signal });
    // Without an aborted signal nobody waits for what this returns.
    if (answer.type !== "text") return answer.type === "left" ? "denied" : "abort";
    const word = answer.text.trim().toLowerCase();
    const chosen = choices.find(({ key, words }) => key === word || words === word);
    if (chosen !== undefined) return chosen.decision;
    if (word === "yes") return "approved";
    print(`please type ${choices.map(({ key }) => key).join(", ")}`);
  }
}

/** All texts are a model's or a server's. */
function questionLines(request: ApprovalRequest, style: Style): string[] {
  const reason = request.reason === undefined ? [] : [`reason: ${clipPart(request.reason)}`];
  switch (request.type) {
    case "command":
      return [
        style(
          "yellow",
          `the model wants to run ${request.isUnsandboxed ? "without a sandbox" : "in the sandbox"}:`,
        ),
        `  $ ${stripToOneLine(shellJoin(request.command))}`,
        `  in ${stripToOneLine(request.cwd)}`,
        ...reason,
      ];
    case "patch":
      return [
        style("yellow", "the model wants to change files:"),
        ...patchLines(request.changes, style),
        ...reason,
      ];
    case "mcp_tool":
      return [
        style("yellow", "the model wants to call a tool of an MCP server:"),
        `  ${stripToOneLine(`${request.server}.${request.tool}`)} ${clipPart(JSON.stringify(request.arguments))}`,
        ...(request.description === undefined ? [] : [`  ${clipPart(request.description)}`]),
        ...reason,
      ];
    default:
      return request satisfies never;
  }
}

interface Choice {
  readonly key: string;
  readonly words: string;
  readonly decision: ApprovalDecision;
}

function choicesFor(request: ApprovalRequest): readonly Choice[] {
  const prefix = request.type === "command" ? request.proposedPrefix : undefined;
  const isOnceOnly = request.type === "mcp_tool" && request.isAlwaysAsked;
  return [
    { key: "y", words: "once", decision: "approved" },
    ...(isOnceOnly
      ? []
      : [{ key: "a", words: "for this session", decision: "approved_for_session" } as const]),
    ...(prefix === undefined
      ? []
      : [
          {
            key: "p",
            words: `always what begins with ${stripToOneLine(shellJoin(prefix))}`,
            decision: { approvedPrefix: prefix },
          },
        ]),
    { key: "n", words: "no", decision: "denied" },
    { key: "q", words: "no, and end the turn", decision: "abort" },
  ];
}
