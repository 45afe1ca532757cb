// `pnpm pages`: writes into the pages what is made from sources: programs with their output, and whole references.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { textFiles } from "./files.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const PROGRAM = /^```ts (examples\/[\w-]+\.ts)\n[\s\S]*?^```\n(?:\n```text\n[\s\S]*?^```\n)?/gm;
const [only = ""] = process.argv.slice(2);

for (const { path, text } of [
  { path: "README.md", text: readFileSync(join(root, "README.md"), "utf8") },
  ...textFiles(root, "docs", ".md"),
]) {
  const written = text.replaceAll(PROGRAM, (shown, file: string) =>
    file.includes(only) ? withOutput(file) : shown,
  );
  if (written !== text) writeFileSync(join(root, path), written);
}

function withOutput(file: string): string {
  const output = execFileSync(process.execPath, ["--conditions=@codex-ts/source", file], {
    cwd: root,
    encoding: "utf8",
  });
  const source = readFileSync(join(root, file), "utf8");
  return `\`\`\`ts ${file}\n${source}\`\`\`\n\n\`\`\`text\n${output}\`\`\`\n`;
}
