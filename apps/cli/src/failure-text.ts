import type { ThreadOptions, TurnFailure } from "@codex-ts/core";
import { clipId, clipPart } from "./render/clip.ts";
import { stripToOneLine } from "./render/strip-control.ts";

type Provider = ThreadOptions["provider"];

const MISSING_VARIABLE = "Missing environment variable:";

/**
 * A failed turn for a person, on one line: Codex's message, the facts it leaves out, and what to do. Programs read the
 * message from the JSON lines as it is.
 */
export async function failureText(
  failure: TurnFailure,
  provider: Provider,
  commandName: string,
): Promise<string> {
  // A sentence of its own, as Codex writes it.
  if (failure.message.startsWith(MISSING_VARIABLE))
    return `${failure.message} Set it and run again.`;
  const page = webPageIn(failure.message);
  const message = clipPart(stripToOneLine(page?.message ?? failure.message));
  const facts = factsBeside(message, failure);
  const advice =
    page !== undefined && isWebsite(failure)
      ? `${baseUrlOf(provider)} leads to a website, not to an API; those often end in /v1`
      : await adviceFor(failure, provider, commandName);
  return `${[message, ...facts].join(", ")}${advice === undefined ? "" : `; ${advice}`}`;
}

/** What is known and not in the message already. */
function factsBeside(
  message: string,
  { status, serverMessage, upstreamRequestId }: TurnFailure,
): string[] {
  const facts: string[] = [];
  if (status !== undefined && !new RegExp(`\\b${status}\\b`).test(message)) {
    facts.push(`status: ${status}`);
  }
  if (serverMessage !== undefined) {
    const text = stripToOneLine(serverMessage);
    if (!message.includes(text)) facts.push(`server message: ${text}`);
  }
  if (upstreamRequestId !== undefined) {
    const id = clipId(upstreamRequestId);
    if (!message.includes(id)) facts.push(`request id: ${id}`);
  }
  return facts;
}

async function adviceFor(
  { status, unreachable }: TurnFailure,
  provider: Provider,
  commandName: string,
): Promise<string | undefined> {
  const { info } = provider;
  if (status === 401) {
    if (info.envKey !== undefined) return `check the key in ${info.envKey}`;
    const isLoggedOut = info.requiresOpenaiAuth && !(await provider.authMode?.());
    return isLoggedOut ? `nobody is logged in: ${commandName} login` : undefined;
  }
  switch (unreachable) {
    case "refused":
    case "host_not_found":
    case "no_tls":
      return `check ${baseUrlOf(provider)}`;
    // Their messages say where to look.
    case "certificate":
    case "proxy":
    case undefined:
      return undefined;
    default:
      return unreachable satisfies never;
  }
}

/** Where the address of a provider is configured, and what it is. */
function baseUrlOf({ id, info: { baseUrl } }: Provider): string {
  const place = id === "openai" ? "openai_base_url" : `base_url of model provider ${id}`;
  const shown = baseUrl?.replace(/\/\/[^/]*@/, "//").replace(/\?.*/s, "");
  return shown === undefined ? `the network, and ${place}` : `${place} (${shown})`;
}

/** An error page of a gateway is one, too; a website answers what is not there with one. */
function isWebsite({ status }: TurnFailure): boolean {
  return status === undefined || status < 400 || [400, 404, 405, 406, 410].includes(status);
}

const PAGE = /: ?<(?:!doctype|html)[^]*?(?=(?:\.\.\.)?, (?:url|cf-ray|request id): |$)/i;

/** A message that repeats a web page, with its title in place of the page; nobody reads markup. */
function webPageIn(message: string): { readonly message: string } | undefined {
  const page = PAGE.exec(message)?.[0];
  if (page === undefined) return message.includes("text/html") ? { message } : undefined;
  const title = stripToOneLine(/<title[^>]*>([^<]*)</i.exec(page)?.[1] ?? "");
  const named = title === "" ? ": a web page" : `: a web page, "${title}"`;
  return { message: message.replace(PAGE, () => named) };
}
