import type { HttpStatusError } from "../errors.ts";
import { statusText } from "./status-text.ts";

const maxBodyBytesShown = 1000;

/** `unexpected status {status}: {text}` with every known id behind it. Source: api.md 9.5. */
export function unexpectedStatusText(error: HttpStatusError, said: string | undefined): string {
  const tail = [
    ["url", error.url],
    ["cf-ray", error.cfRay],
    ["request id", error.upstreamRequestId],
    ["auth error", error.authError],
    ["auth error code", error.authErrorCode],
  ]
    .map(([name, value]) => (value === undefined ? "" : `, ${name}: ${value}`))
    .join("");
  if (isCloudflareBlock(error)) {
    return `Cloudflare blocked the request, perhaps because of the region it comes from (status ${statusText(error.status)})${tail}`;
  }
  return `unexpected status ${statusText(error.status)}: ${shownText(error.bodyText, said)}${tail}`;
}

function isCloudflareBlock({ status, bodyText }: HttpStatusError): boolean {
  return (
    status === 403 && bodyText?.includes("Cloudflare") === true && bodyText.includes("blocked")
  );
}

function shownText(body: string | undefined, said: string | undefined): string {
  const message = said?.trim();
  if (message !== undefined && message !== "") return message;
  const text = body?.trim() ?? "";
  return text === "" ? "Unknown error" : cutToBytes(text, maxBodyBytesShown);
}

/** At most `limit` bytes of UTF-8, cut before a character that would not fit, with `...` when cut. */
function cutToBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString("utf8", 0, end)}...`;
}
