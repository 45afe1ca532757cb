import { posix } from "node:path";

const SUMMARY =
  "The client stack of OpenAI's Codex agent as small TypeScript packages: Responses API transport, logins and providers, agent loop, traces, a scripted test server, and a command line. Independent; shares no code with Codex.";

/** `llms.txt`, made from the list of pages in `docs/README.md`: sections, and one line per link of them. */
export function llmsText(pageList: string): string {
  const lines = pageList.split("\n").flatMap((line) => {
    const section = /^\*\*(.+)\*\*$/.exec(line)?.[1];
    if (section !== undefined) return ["", `## ${section}`, ""];
    if (!line.startsWith("- ")) return [];
    const [, purpose = ""] = /\)(: .+)$/.exec(line) ?? [];
    const links = [...line.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)];
    const kind = /^- (\w+)[^[]*: \[/.exec(line)?.[1];
    return links.map(([, title = "", target = ""]) => {
      const name = kind === undefined ? title : `${kind}: ${title}`;
      return `- [${name}](${posix.join("docs", target)})${links.length === 1 ? purpose : ""}`;
    });
  });
  return `# codex-ts\n\n> ${SUMMARY}\n${lines.join("\n")}\n`;
}
