import { startResponsesServer } from "@codex-ts/responses-server";
import { describe, expect, test } from "vitest";
import { retryReason } from "../../src/http/retry-policy.ts";
import { networkError } from "../../src/http/http-error.ts";
import { serverTls } from "../support/tls.ts";

const ALL = { maxRetries: 4, baseDelayMs: 1, retry429: true, retry5xx: true, retryTransport: true };

function failed(code: string, message = "words; more of Node's"): Error {
  return Object.assign(new Error(message), { code });
}

describe("what kept a connection from being made", () => {
  test.each<[string, Error, string, RegExp, boolean]>([
    [
      "nobody listens",
      failed("ECONNREFUSED", "connect ECONNREFUSED 1.2.3.4:5"),
      "refused",
      /1\.2\.3\.4:5$/,
      true,
    ],
    [
      "no such host",
      failed("ENOTFOUND", "getaddrinfo ENOTFOUND x"),
      "host_not_found",
      /ENOTFOUND x$/,
      true,
    ],
    [
      "a table of open files that is full",
      failed("EMFILE", "connect EMFILE 127.0.0.1:1"),
      "other",
      /^no more files can be opened: .* \(connect EMFILE 127\.0\.0\.1:1\)$/,
      true,
    ],
    ["a name server that is away", failed("EAI_AGAIN"), "other", /words/, true],
    [
      "an unknown authority",
      failed("UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
      "certificate",
      /\(words\): .*CODEX_CA_CERTIFICATE$/,
      false,
    ],
    [
      "a certificate of its own",
      failed("DEPTH_ZERO_SELF_SIGNED_CERT"),
      "certificate",
      /CODEX_CA_CERTIFICATE$/,
      false,
    ],
    [
      "an old certificate",
      failed("CERT_HAS_EXPIRED"),
      "certificate",
      /is not valid: words$/,
      false,
    ],
    [
      "a certificate for another",
      failed("ERR_TLS_CERT_ALTNAME_INVALID"),
      "certificate",
      /is not valid: words$/,
      false,
    ],
    [
      "plain text",
      failed("ERR_SSL_WRONG_VERSION_NUMBER"),
      "no_tls",
      /http:\/\/ in place of https/,
      false,
    ],
    [
      "plain text in OpenSSL's words",
      failed("EPROTO", "write EPROTO: wrong version number:x.c"),
      "no_tls",
      /http:\/\//,
      false,
    ],
    [
      "another alert of TLS",
      failed("EPROTO", "write EPROTO: alert handshake failure"),
      "other",
      /alert/,
      true,
    ],
    [
      "several addresses",
      new AggregateError([failed("ECONNREFUSED", "connect ECONNREFUSED ::1:5")]),
      "refused",
      /::1:5$/,
      true,
    ],
    ["a reset", failed("ECONNRESET", "read ECONNRESET"), "other", /ECONNRESET/, true],
  ])("[api/connection-failure] %s", (_what, cause, reason, detail, isRetried) => {
    const error = networkError(cause);
    expect(error).toMatchObject({ code: "network", reason });
    expect(error.detail).toMatch(detail);
    expect(retryReason(error, ALL)).toBe(isRetried ? "network" : undefined);
  });

  test("[api/connection-failure] the codes are those of this Node", async () => {
    await using secure = await startResponsesServer({ script: [], tls: serverTls });
    await using plain = await startResponsesServer({ script: [] });
    const causeOf = (url: string): Promise<Error> =>
      fetch(url).then(
        () => new Error("answered"),
        (error: Error) => error.cause as Error,
      );
    expect(networkError(await causeOf(secure.url)).reason).toBe("certificate");
    expect(networkError(await causeOf(plain.url.replace("http:", "https:"))).reason).toBe("no_tls");
  });
});
