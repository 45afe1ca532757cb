// `pnpm pages [PART]`: writes into the pages what is made from sources: programs with their output, help texts, exports,
// the list for programs. Only programs whose file has PART in its name are run again.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { textFiles } from "./files.ts";
import { apiPage } from "./pages/api-page.ts";
import { llmsText } from "./pages/llms-text.ts";
import { withPrograms } from "./pages/programs.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const [part = ""] = process.argv.slice(2);

for (const name of readdirSync(join(root, "packages")))
  writeFileSync(join(root, `docs/reference/api/${name}.md`), apiPage(root, `packages/${name}`));
writeFileSync(join(root, "llms.txt"), llmsText(read("docs/README.md")));

for (const { path, text } of [
  { path: "README.md", text: read("README.md") },
  ...textFiles(root, "docs", ".md"),
]) {
  const written = withPrograms(text, {
    show(file) {
      const source = `\`\`\`ts ${file}\n${read(file)}\`\`\`\n`;
      const [, old = ""] =
        new RegExp(
          `^\`\`\`ts ${file}\n[\\s\\S]*?^\`\`\`\n\n\`\`\`text\n([\\s\\S]*?)^\`\`\`\n`,
          "m",
        ).exec(text) ?? [];
      const output = file.includes(part) ? run([file]) : old;
      return `${source}\n\`\`\`text\n${output}\`\`\`\n`;
    },
    source: read,
    help: (command) => run(["apps/cli/src/main.ts", ...command.split(" ").slice(1), "--help"]),
  });
  if (written !== text) writeFileSync(join(root, path), written);
}

function run(args: readonly string[]): string {
  return execFileSync(process.execPath, ["--conditions=@codex-ts/source", ...args], {
    cwd: root,
    encoding: "utf8",
  });
}
