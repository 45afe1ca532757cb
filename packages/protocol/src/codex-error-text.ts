import type { CodexErrorKind, UnexpectedStatusKind } from "./codex-error.ts";
import { httpStatusText } from "./http-status-text.ts";
import { isJsonObject } from "./json.ts";
import type { UsageLimitTextOptions } from "./usage-limit-text.ts";
import { usageLimitText } from "./usage-limit-text.ts";
import { utf8Prefix } from "./utf8-text.ts";

/** Longest part of an error body that is shown, in UTF-8 bytes. */
const MAX_BODY_BYTES = 1000;

/**
 * The text of an error. Where programs may compare it (traces, tests) the form is Codex's; the
 * fixed sentences are ours.
 */
export function codexErrorText(error: CodexErrorKind, options: UsageLimitTextOptions = {}): string {
  switch (error.kind) {
    case "stream":
      return `stream disconnected before completion: ${error.message}`;
    case "rateLimited":
      return `rate limit exceeded: ${error.message}`;
    case "unexpectedStatus":
      return unexpectedStatusText(error);
    case "usageLimitReached":
      return usageLimitText(error, options);
    case "retryLimit":
      return `exceeded retry limit, last status: ${httpStatusText(error.status)}${fact("request id", error.upstreamRequestId)}`;
    case "responseStreamFailed":
      return `the response could not be read: ${error.message}${fact("request id", error.upstreamRequestId)}`;
    case "connectionFailed":
      return `connection failed: ${error.message}`;
    case "missingEnvironmentVariable":
      return `Missing environment variable: \`${error.name}\`.${error.instructions === null ? "" : ` ${error.instructions}`}`;
    case "threadNotFound":
      return `there is no thread ${error.threadId}`;
    case "agentLimitReached":
      return `no more than ${error.maxAgents} agents can run at the same time`;
    case "sandbox":
      return `the sandbox stopped a command: ${error.message}`;
    case "spawn":
      return `a process could not be started: ${error.message}`;
    case "fatal":
      return `Fatal error: ${error.message}`;
    case "cyberPolicy":
    case "invalidRequest":
    case "refreshTokenFailed":
    case "unsupportedOperation":
    case "io":
    case "json":
      return error.message;
    case "requestTimeout":
    case "internalServerError":
    case "contextWindowExceeded":
    case "quotaExceeded":
    case "usageNotIncluded":
    case "serverOverloaded":
    case "invalidImageRequest":
    case "turnAborted":
    case "interrupted":
    case "internalAgentDied":
    case "childTimeout":
    default:
      return SENTENCES[error.kind];
  }
}

const SENTENCES = {
  requestTimeout: "request timed out",
  internalServerError:
    "the service is under high demand and returned an internal error; try again later",
  contextWindowExceeded:
    "the conversation no longer fits the model's context window; start a new thread, with less input",
  quotaExceeded: "the account's quota is used up; check its plan and billing",
  usageNotIncluded:
    "the account's plan does not include this; upgrade it at https://chatgpt.com/explore/plus",
  serverOverloaded: "the selected model is at capacity; choose another one or come back later",
  invalidImageRequest: "the last message holds an image that is none; remove it and try again",
  turnAborted: "the turn was aborted",
  interrupted: "interrupted",
  internalAgentDied: "the agent stopped without a response; start the thread again",
  childTimeout: "a child process took too long",
} as const;

function unexpectedStatusText(error: UnexpectedStatusKind): string {
  const facts = [
    fact("url", error.url),
    fact("cf-ray", error.cfRay),
    fact("request id", error.upstreamRequestId),
    fact("auth error", error.authError),
    fact("auth error code", error.authErrorCode),
  ].join("");
  const status = httpStatusText(error.status);
  const isBlocked =
    error.status === 403 && error.body.includes("Cloudflare") && error.body.includes("blocked");
  if (isBlocked) {
    return `Cloudflare blocked the request, probably because of the region it came from (status ${status})${facts}`;
  }
  return `unexpected status ${status}: ${bodyText(error.body)}${facts}`;
}

function fact(name: string, value: string | null): string {
  return value === null ? "" : `, ${name}: ${value}`;
}

/** The message of a JSON error body, else the beginning of the body. */
function bodyText(body: string): string {
  const message = jsonErrorMessage(body);
  if (message !== undefined) return message;
  const trimmed = body.trim();
  if (trimmed === "") return "Unknown error";
  const shown = utf8Prefix(trimmed, MAX_BODY_BYTES);
  return shown === trimmed ? trimmed : `${shown}...`;
}

function jsonErrorMessage(body: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const error = isJsonObject(parsed) ? parsed["error"] : undefined;
  const message = isJsonObject(error) ? error["message"] : undefined;
  const trimmed = typeof message === "string" ? message.trim() : "";
  return trimmed === "" ? undefined : trimmed;
}
