import { posix } from "node:path";
import { readPage, withoutFences } from "./page.ts";
import { lineAt } from "./files.ts";
import type { TextFile } from "./files.ts";

const LINK = /(?<!!)\[[^\]]*\]\(([^()\s]+)\)/g;
/** A file of a package named in prose, from the root or from `packages/`. */
const PATH =
  /`((?:packages\/)?(?:api|core|model-provider|protocol|responses-server|rollout-trace)\/(?:src|test|examples)\/[\w./-]*|(?:apps|docs|tooling)\/[\w./-]+)`/g;

export interface RepositoryFiles {
  exists(path: string): boolean;
  /** `undefined` when there is none. */
  read(path: string): string | undefined;
}

/** Links of a page to files and headings of the repository that are not there. Links to elsewhere are not followed. */
export function linkProblems({ path, text }: TextFile, files: RepositoryFiles): string[] {
  const prose = withoutFences(text);
  return [...prose.matchAll(LINK)].flatMap((match) => {
    const [target = "", anchor] = (match[1] ?? "").split("#", 2);
    if (/^[a-z]+:/.test(target)) return [];
    const file = target === "" ? path : posix.join(posix.dirname(path), decodeURI(target));
    const place = `${path}:${lineAt(prose, match.index)}`;
    if (!files.exists(file)) return [`${place}: ${file} does not exist`];
    if (anchor === undefined || !file.endsWith(".md")) return [];
    return readPage(files.read(file) ?? "").anchors.has(anchor)
      ? []
      : [`${place}: ${file} has no #${anchor}`];
  });
}

/** Files and directories a page names in prose that are not there. */
export function pathProblems({ path, text }: TextFile, files: RepositoryFiles): string[] {
  const prose = withoutFences(text);
  return [...prose.matchAll(PATH)].flatMap((match) => {
    const named = match[1] ?? "";
    const isOfPackage = /^[\w-]+\/(?:src|test|examples)\//.test(named);
    // Made by the build.
    if (/\/dist(?:\/|$)/.test(named)) return [];
    const found = files.exists(named) || (isOfPackage && files.exists(`packages/${named}`));
    return found ? [] : [`${path}:${lineAt(prose, match.index)}: ${named} does not exist`];
  });
}
