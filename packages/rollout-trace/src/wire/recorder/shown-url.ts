import { boundedText } from "./bounded-text.ts";

/** The one parameter whose value says something about the server. */
const SHOWN_PARAMETER = "api-version";

/** The URL that was asked for last, and how it is shown: one request after the other goes to the same. */
let last = { text: "", shown: "" };

/** Scheme, host, port and path of a URL; of the query only the names. No user, no password, no fragment. */
export function shownUrl(text: string): string {
  if (text !== last.text) last = { text, shown: withoutSecrets(text) };
  return last.shown;
}

function withoutSecrets(text: string): string {
  const url = URL.parse(text);
  if (url === null) return boundedText(text);
  // Most have none, and to make the object of its parameters takes as long as the rest.
  const query = Array.from(
    url.search === "" ? [] : url.searchParams,
    ([name, value]) =>
      `${encodeURIComponent(name)}=${name === SHOWN_PARAMETER ? encodeURIComponent(value) : "…"}`,
  );
  const end = query.length === 0 ? "" : `?${query.join("&")}`;
  return boundedText(`${url.protocol}//${url.host}${url.pathname}${end}`);
}
