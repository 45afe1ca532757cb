import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { TraceContents } from "@codex-ts/rollout-trace";
import { renderDiffHtml } from "@codex-ts/trace-viewer";
import type { RenderDiffOptions } from "@codex-ts/trace-viewer";
import type { CliProcess } from "./cli-process.ts";
import { openBrowser } from "./open-browser.ts";
import { writeHtml } from "./write-page.ts";

/** Name of the page of differences in a bundle. */
const DIFF_PAGE_FILE = "diff.html";

interface DiffPagePlace {
  /** Directory of the first bundle. */
  readonly bundle: string;
  /** Default: {@link DIFF_PAGE_FILE} in that. */
  readonly output?: string;
  readonly open?: boolean;
}

/** Writes the page of differences, prints its path, and opens it when asked to. */
export async function writeDiffPage(
  { contents, ...options }: { readonly contents: TraceContents } & RenderDiffOptions,
  { bundle, output, open }: DiffPagePlace,
  { cwd, env, stdout, stderr, interrupted }: CliProcess,
): Promise<void> {
  const target = output === undefined ? join(bundle, DIFF_PAGE_FILE) : resolve(cwd, output);
  const pieces = renderDiffHtml(contents, { ...options, signal: interrupted });
  const bytes = await writeHtml(target, pieces);
  stderr.write(
    `${Math.ceil(bytes / 1024)} KiB; it holds what the requests held, so look before you share it\n`,
  );
  stdout.write(`${target}\n`);
  if (open === true) openBrowser(pathToFileURL(target).href, env);
}
