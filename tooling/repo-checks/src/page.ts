/** What a Markdown page has that others can name. */
export interface Page {
  /** Numbers of sections with an anchor: `9.2`. */
  readonly sections: ReadonlySet<string>;
  /** Names of rows of tables (`| A1 |`) and of list entries (`- **A1**`), each as often as it occurs. */
  readonly rows: readonly string[];
  /** Targets of links into the page: anchors, and headings as GitHub names them. */
  readonly anchors: ReadonlySet<string>;
}

const ANCHOR = /<a id="([^"]+)"><\/a>/g;
const ROW = /^(?:\| |- \*\*)([A-Z]{0,2}\d+[a-z]?(?:-\d+)?)(?=[ *])/gm;
const HEADING = /^#{1,6} (.+)$/gm;

export function readPage(text: string): Page {
  const prose = withoutFences(text);
  const anchors = [...prose.matchAll(ANCHOR)].map((match) => match[1] ?? "");
  const headings = [...prose.matchAll(HEADING)].map((match) => slugOf(match[1] ?? ""));
  return {
    sections: new Set(anchors.filter((anchor) => /^\d+(?:\.\d+)*$/.test(anchor))),
    rows: [...prose.matchAll(ROW)].map((match) => match[1] ?? ""),
    anchors: new Set([...anchors, ...headings]),
  };
}

/** The text without its fenced blocks, line for line. */
export function withoutFences(text: string): string {
  return text.replaceAll(/^([ \t]*)```[\s\S]*?^\1```/gm, (block) => block.replaceAll(/[^\n]/g, ""));
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}
