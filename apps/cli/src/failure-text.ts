import type { ThreadOptions, TurnFailure } from "@codex-ts/core";
import type { WireDiagnosis } from "@codex-ts/rollout-trace/wire";
import { clipId, clipPart } from "./render/clip.ts";
import { stripToOneLine } from "./render/strip-control.ts";
import { withoutWebPage } from "./render/web-page.ts";

type Provider = ThreadOptions["provider"];

const MISSING_VARIABLE = "Missing environment variable:";

/** Surroundings of a failure that its text is made with. */
interface FailureSurroundings {
  readonly provider: Provider;
  /** How this program was called. */
  readonly commandName: string;
  /** Of the wire log; takes the place of Codex's message. */
  readonly diagnosis?: WireDiagnosis | undefined;
}

/** Codex's message says more than the wire: when the limit is lifted, and where the plan is changed. */
const BETTER_SAID_BY_CODEX: ReadonlySet<WireDiagnosis["code"]> = new Set(["usage_limit"]);

/**
 * A failed turn for a person, on one line: Codex's message or what the wire log makes of it, the facts it leaves out,
 * and what to do. Programs read the message from the JSON lines as it is.
 */
export async function failureText(
  failure: TurnFailure,
  { provider, commandName, diagnosis }: FailureSurroundings,
): Promise<string> {
  // A sentence of its own, as Codex writes it.
  if (failure.message.startsWith(MISSING_VARIABLE)) {
    return `${failure.message} Set it and run again.`;
  }
  const isDiagnosed = diagnosis !== undefined && !BETTER_SAID_BY_CODEX.has(diagnosis.code);
  const message = isDiagnosed
    ? clipPart(diagnosis.sentence).replace(/\.$/, "")
    : clipPart(withoutWebPage(withoutJson(failure.message)));
  const facts = factsBeside(message, failure);
  const advice = (await adviceFor(failure, provider, commandName)) ?? diagnosis?.advice;
  return `${[message, ...facts].join(", ")}${advice === undefined ? "" : `; ${advice}`}`;
}

/** The body of a refusal stands for its message in Codex's texts; a person reads the message in it. */
function withoutJson(text: string): string {
  if (!text.startsWith("{")) return text;
  try {
    const body = JSON.parse(text) as { readonly error?: { readonly message?: unknown } | null };
    const message = body.error?.message;
    return typeof message === "string" && message.trim() !== "" ? message : text;
  } catch {
    return text;
  }
}

/** Known facts that the message does not already contain. */
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
    // A message that ends a sentence of ours has lost its full stop there.
    if (!message.includes(text.replace(/[.!]+$/, ""))) facts.push(`server message: ${text}`);
  }
  if (upstreamRequestId !== undefined) {
    const id = clipId(upstreamRequestId);
    if (!message.includes(id)) facts.push(`request id: ${id}`);
  }
  return facts;
}

/** Advice about a refused or unreachable server; `undefined`: nothing is known to help. */
export async function adviceFor(
  { message, status, unreachable }: Pick<TurnFailure, "message" | "status" | "unreachable">,
  provider: Provider,
  commandName: string,
): Promise<string | undefined> {
  const { info } = provider;
  if (status === 401) {
    if (info.envKey !== undefined) return `check the key in ${info.envKey}`;
    const isLoggedOut = info.requiresOpenaiAuth && !(await provider.authMode?.());
    return isLoggedOut ? `nobody is logged in: ${commandName} login` : undefined;
  }
  // A page with status 200 is a stream that could not be read.
  const reason = message.includes("text/html") ? "website" : unreachable;
  switch (reason) {
    case "refused":
    case "host_not_found":
    case "no_tls":
      return `check ${baseUrlOf(provider)}`;
    case "website":
      return `${baseUrlOf(provider)} leads to a website, not to an API; those often end in /v1`;
    // Their messages say where to look.
    case "certificate":
    case "proxy":
    case undefined:
      return undefined;
    default:
      return reason satisfies never;
  }
}

/** Where the address of a provider is configured, and what it is. */
export function baseUrlOf({ id, info: { baseUrl } }: Pick<Provider, "id" | "info">): string {
  const place = id === "openai" ? "openai_base_url" : `base_url of model provider ${id}`;
  const shown = baseUrl?.replace(/\/\/[^/]*@/, "//").replace(/\?.*/s, "");
  return shown === undefined ? `the network, and ${place}` : `${place} (${shown})`;
}
