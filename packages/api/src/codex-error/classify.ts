import type { ErrorPolicy } from "@codex-ts/protocol";
import type { FinalServerCode, PolicyError } from "../errors.ts";
import type { Classification } from "./codex-error.ts";

/** Classifications that a broken stream and a refused request share. */

export function stream(message: string, retryDelayMs?: number): Classification {
  return { code: "stream", kind: { kind: "stream", message, retryDelayMs: retryDelayMs ?? null } };
}

/** 0.169 distinguishes a rate limit from a broken stream; both are tried again. */
export function rateLimit(
  message: string,
  policy: ErrorPolicy,
  retryDelayMs: number | undefined,
): Classification {
  if (policy === "0.140") return stream(message);
  return {
    code: "rate_limit",
    kind: { kind: "rateLimited", message, retryDelayMs: retryDelayMs ?? null },
  };
}

export function retryLimit(
  status: number,
  upstreamRequestId: string | undefined,
  retryDelayMs: number | undefined,
): Classification {
  return {
    code: "retry_limit",
    kind: {
      kind: "retryLimit",
      status,
      upstreamRequestId: upstreamRequestId ?? null,
      retryDelayMs: retryDelayMs ?? null,
    },
  };
}

export function overloaded(retryDelayMs: number | undefined): Classification {
  return {
    code: "server_overloaded",
    kind: { kind: "serverOverloaded", retryDelayMs: retryDelayMs ?? null },
  };
}

export function invalidRequest(message: string, serverCode?: string): Classification {
  return {
    code: "invalid_request",
    kind: { kind: "invalidRequest", message, serverCode: serverCode ?? null },
  };
}

export function policyViolation(policy: PolicyError["policy"], message: string): Classification {
  return {
    code: "policy",
    policy,
    kind:
      policy === "cyber"
        ? { kind: "cyberPolicy", message }
        : { kind: "invalidRequest", message, serverCode: POLICY_CODES[policy] },
  };
}

const POLICY_CODES = {
  bio: "bio_policy",
  misalignment: "misalignment_policy_violation",
  content: "content_policy_violation",
} as const;

export function finalResponse(serverCode: FinalServerCode, message: string): Classification {
  return {
    code: "final_response",
    serverCode,
    kind: { kind: "invalidRequest", message, serverCode },
  };
}

export const CONTEXT_WINDOW_EXCEEDED: Classification = {
  code: "context_window_exceeded",
  kind: { kind: "contextWindowExceeded" },
};

export const QUOTA_EXCEEDED: Classification = {
  code: "quota_exceeded",
  kind: { kind: "quotaExceeded" },
};

export const USAGE_NOT_INCLUDED: Classification = {
  code: "usage_not_included",
  kind: { kind: "usageNotIncluded" },
};
