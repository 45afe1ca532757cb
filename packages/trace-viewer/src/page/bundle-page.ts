import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Program and style of the page, ready to be put into an HTML file. */
export interface BundledPage {
  readonly script: string;
  readonly style: string;
}

/** Bundles the private app `apps/trace-viewer`; only where the repository is. */
export async function bundlePage(): Promise<BundledPage> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: fileURLToPath(import.meta.resolve("@codex-ts/trace-viewer-page/main")),
    platform: "browser",
    resolve: { conditionNames: ["@codex-ts/source", "browser", "import", "default"] },
    transform: { target: "es2022" },
    logLevel: "warn",
  });
  try {
    const { output } = await build.generate({ format: "iife", minify: true, comments: false });
    const [{ code }] = output;
    const style = await readFile(
      fileURLToPath(import.meta.resolve("@codex-ts/trace-viewer-page/style")),
      "utf8",
    );
    return { script: insideElement(code.trimEnd()), style: compact(style) };
  } finally {
    await build.close();
  }
}

/** A program may hold the texts that end or open a script element; escaped they mean the same. */
function insideElement(code: string): string {
  return code.replaceAll(/<(?=\/script|script|!--)/gi, String.raw`\x3C`);
}

/** Without comments and indentation. */
function compact(css: string): string {
  return css
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s*\n\s*/g, "\n")
    .trim();
}
