import { stripToOneLine } from "./strip-control.ts";

const PAGE = /(?<=: ?)<(?:!doctype|html)[^]*?(?=, (?:url|cf-ray|request id): |$)/i;

/** An error text that repeats a web page, with the page's title in its place: nobody reads markup. */
export function withoutWebPage(text: string): string {
  return text.replace(PAGE, (page) => {
    const title = stripToOneLine(/<title[^>]*>([^<]*)</i.exec(page)?.[1] ?? "");
    return title === "" ? "a web page" : `a web page, "${title}"`;
  });
}
