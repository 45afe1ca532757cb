import { abortable } from "../internal/abortable.ts";
import type { OutboundRequest } from "../provider/auth-provider.ts";
import { AttemptReporter } from "../observe/attempt-reporter.ts";
import { RequestBuildError } from "../errors.ts";
import { instant } from "../observe/instant.ts";
import { redactHeaders, redactUrl } from "../observe/redaction.ts";
import { attemptSecrets } from "../secrets/attempt-secrets.ts";
import { scrubError } from "../secrets/scrub-error.ts";
import { Attempt } from "./attempt.ts";
import type { AttemptResult, HttpCall } from "./http-call.ts";
import { requestError } from "./request-error.ts";
import {
  authenticate,
  providerSecretNames,
  refuseFramingHeaders,
} from "../headers/request-headers.ts";
import type { TransportContext } from "./transport-context.ts";

/** Sends one attempt. Rejects with the signal's reason only; every other outcome is a value. */
export async function sendOnce<T>(
  context: TransportContext,
  call: HttpCall<T>,
  attemptNumber: number,
): Promise<AttemptResult<T>> {
  const queuedAt = instant(context.now);
  const { headers, beforeCredentials } = call.headers();
  const { method, body } = call;
  const outbound: OutboundRequest = { method, url: call.url, headers, body };
  const secretNames = providerSecretNames(context.provider);
  const makeReporter = (request: OutboundRequest) => {
    const secrets = attemptSecrets(context, { ...request, secretNames });
    return new AttemptReporter({
      observers: context.observers,
      now: context.now,
      queuedAt,
      facts: {
        transport: "http",
        endpoint: call.endpoint,
        attemptNumber,
        method: request.method,
        url: secrets.scrub(redactUrl(request.url)),
        requestHeaders: redactHeaders(request.headers, { secrets, secretNames }),
        requestBytes: request.body?.length ?? 0,
        requestBody: context.observers.length > 0 ? call.bodyFacts?.() : undefined,
      },
      secrets,
    });
  };
  let request: OutboundRequest;
  let url: URL;
  try {
    const authenticating = authenticate(context.auth, outbound, beforeCredentials);
    const authenticated = await abortable(authenticating, call.signal);
    request = authenticated.request;
    for (const name of authenticated.secretNames) secretNames.add(name);
    refuseFramingHeaders(request.headers, request.body);
    url = parseHttpUrl(request.url);
  } catch (error) {
    const reporter = makeReporter(outbound);
    if (call.signal?.aborted)
      reporter.ended("cancelled", { willRetry: false, reason: "cancelled" });
    call.signal?.throwIfAborted();
    return { error: scrubError(requestError(error), reporter.secrets), reporter };
  }
  const reporter = makeReporter(request);
  reporter.authenticated();
  const attempt = new Attempt(context, call, reporter, secretNames);
  return attempt.send({
    method: request.method,
    url,
    headers: [...request.headers],
    body: request.body,
  });
}

function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new RequestBuildError(`${redactUrl(text)} cannot be requested`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new RequestBuildError(`${url.protocol} is not a scheme of HTTP`);
  }
  return url;
}
