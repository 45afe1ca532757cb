import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Environment } from "@codex-ts/api";
import { networkFromEnvironment } from "@codex-ts/api";
import { messageExchange, startResponsesServer } from "@codex-ts/responses-server";
import { temporaryDirectory } from "@codex-ts/test-support";
import { readCertificateBundle } from "../../src/network/certificate-bundle.ts";
import { apiErrorOf, clientAt, outcomeOf, request, retries } from "../support/client.ts";
import { serverTls, tlsPath, tlsText } from "../support/tls.ts";
import { frame, webSocketClientAt } from "../support/websocket.ts";

/** `reached`, or why a request to a server of the test authority failed. */
async function reach(env: Environment): Promise<string> {
  await using server = await startResponsesServer({
    script: [messageExchange("hi")],
    tls: serverTls,
  });
  const { dispatcher } = networkFromEnvironment(env);
  try {
    const client = clientAt(server.url, retries(0), { dispatcher });
    const { error } = await outcomeOf(await client.stream(request()));
    return error?.message ?? "reached";
  } catch (error) {
    return error instanceof Error ? error.message : "failed";
  } finally {
    await dispatcher.close();
  }
}

describe("[api/J5] the authorities a client trusts", () => {
  test("are those of the bundle beside Node's own", async () => {
    expect(await reach({ CODEX_CA_CERTIFICATE: tlsPath("ca.pem") })).toBe("reached");
    const network = networkFromEnvironment({ CODEX_CA_CERTIFICATE: tlsPath("ca.pem") });
    expect(network.certificateAuthorities?.length).toBeGreaterThan(50);
    expect(network.certificateProblem).toBeUndefined();
  });

  test("are Node's own alone when no variable is set, or it is empty", async () => {
    expect(await reach({})).toMatch(/certificate/);
    expect(await reach({ CODEX_CA_CERTIFICATE: "" })).toMatch(/certificate/);
    expect(networkFromEnvironment({ SSL_CERT_FILE: "" }).certificateAuthorities).toBeUndefined();
  });

  test("come from CODEX_CA_CERTIFICATE first, then from SSL_CERT_FILE", async () => {
    expect(await reach({ SSL_CERT_FILE: tlsPath("ca.pem") })).toBe("reached");
    expect(await reach({ CODEX_CA_CERTIFICATE: "", SSL_CERT_FILE: tlsPath("ca.pem") })).toBe(
      "reached",
    );
    const both = { CODEX_CA_CERTIFICATE: "/nowhere.pem", SSL_CERT_FILE: tlsPath("ca.pem") };
    expect(networkFromEnvironment(both).certificateProblem?.detail).toContain("/nowhere.pem");
  });

  test("work for wss, too", async () => {
    await using server = await startResponsesServer({
      script: [messageExchange("hi")],
      tls: serverTls,
    });
    const network = networkFromEnvironment({ SSL_CERT_FILE: tlsPath("ca.pem") });
    await using connection = await webSocketClientAt(server.url, {}, { network }).connect();
    expect((await outcomeOf(await connection.stream(frame()))).error).toBeUndefined();
    const direct = await apiErrorOf(webSocketClientAt(server.url).connect());
    expect(direct.code).toBe("network");
  });

  test("a bundle that cannot be used is told, stops no plain HTTP, and fails wss", async () => {
    const network = networkFromEnvironment({ CODEX_CA_CERTIFICATE: "/nowhere.pem" });
    expect(network.certificateProblem?.detail).toMatch(
      /^cannot use the certificate bundle \/nowhere\.pem of CODEX_CA_CERTIFICATE: ENOENT.*unset CODEX_CA_CERTIFICATE$/,
    );
    await using server = await startResponsesServer({ script: [messageExchange("hi")] });
    const { dispatcher } = network;
    const stream = await clientAt(server.url, {}, { dispatcher }).stream(request());
    expect((await outcomeOf(stream)).error).toBeUndefined();
    const secure = webSocketClientAt("https://127.0.0.1:9/v1", {}, { network });
    expect(await apiErrorOf(secure.connect())).toMatchObject({
      code: "request_build",
      detail: expect.stringMatching(/^failed to configure websocket TLS: cannot use/),
    });
    await dispatcher.close();
  });
});

describe("[api/J5] what a bundle may hold", () => {
  const authority = tlsText("ca.pem");

  test.each([
    ["one certificate", authority, 1],
    ["comments around it", `# my company\nIssuer: x\n${authority}\nthe end\n`, 1],
    ["two certificates", authority + tlsText("server.pem"), 2],
    ["a trusted certificate", tlsText("trusted-ca.pem"), 1],
    ["a revocation list beside it", tlsText("revocations.pem") + authority, 1],
    ["Windows line ends", authority.replaceAll("\n", "\r\n"), 1],
  ])("%s", (_name, pem, count) => {
    const certificates = readCertificateBundle(pem);
    expect(certificates).toHaveLength(count);
    for (const certificate of certificates) {
      expect(certificate).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    }
  });

  test("the trust settings of a trusted certificate are cut off", () => {
    expect(readCertificateBundle(tlsText("trusted-ca.pem"))).toEqual(
      readCertificateBundle(authority),
    );
  });

  test.each([
    ["nothing", "", "holds no certificate"],
    ["only a revocation list", tlsText("revocations.pem"), "holds no certificate"],
    ["only text", "hello", "holds no certificate"],
    ["a block without an end", authority.replace(/-----END.*/s, ""), "without an end"],
    [
      "a second block without an end",
      `${authority}-----BEGIN CERTIFICATE-----\nAAAA\n`,
      "without an end",
    ],
    ["a block that is no base64", authority.replace(/\nMII/, "\n!II"), "not base64"],
    [
      "a certificate that does not parse",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "does not parse",
    ],
  ])("%s is an error", async (_name, pem, why) => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "bundle.pem");
    writeFileSync(path, pem);
    const { certificateProblem } = networkFromEnvironment({ SSL_CERT_FILE: path });
    expect(certificateProblem).toMatchObject({ code: "request_build" });
    expect(certificateProblem?.detail).toContain(why);
    expect(certificateProblem?.detail).toContain(path);
    expect(certificateProblem?.detail).toContain("SSL_CERT_FILE");
  });
});
