import { type Hash, type Hmac, createHash, createHmac } from "node:crypto";
import { AuthError, type AuthProvider, HeaderBag, type OutboundRequest } from "@codex-ts/api";
import { ProviderError } from "../errors.ts";
import { loadAwsPackage } from "./aws-packages.ts";

const SERVICE = "bedrock-mantle";

/** One set of AWS keys. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Options of {@link signingAuthProvider}. */
export interface SigningOptions {
  readonly region: string;
  /** Asked for every attempt; caches as it likes. */
  readonly credentials: () => Promise<AwsCredentials>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * Signs whole requests with AWS Signature 4. Nothing can be attached before the body is known, so `addAuthHeaders` adds
 * nothing, and a retry is signed again.
 */
export function signingAuthProvider(options: SigningOptions): AuthProvider {
  let known: AwsCredentials | undefined;
  return {
    addAuthHeaders() {},
    knownSecrets: () =>
      [known?.accessKeyId, known?.secretAccessKey, known?.sessionToken].filter(
        (secret) => secret !== undefined,
      ),
    async applyAuth(request) {
      const credentials = await options.credentials().catch((error: unknown) => {
        // A missing package is nothing that trying again would mend.
        if (ProviderError.is(error)) throw new AuthError("build", error.message);
        throw new AuthError("transient", `failed to load AWS credentials: ${nameOf(error)}`);
      });
      known = credentials;
      const { SignatureV4 } = await loadAwsPackage(
        "@smithy/signature-v4",
        () => import("@smithy/signature-v4"),
      ).catch((error: unknown) => {
        throw new AuthError("build", (error as Error).message);
      });
      const signer = new SignatureV4({
        service: SERVICE,
        region: options.region,
        credentials: { ...credentials, sessionToken: credentials.sessionToken ?? "" },
        sha256: NodeSha256,
        // The service takes the hash from the signature; a header of its own is not sent.
        applyChecksum: false,
      });
      const headers = signableHeaders(request.headers);
      const signed = await signer
        .sign(toAwsRequest(request, headers), { signingDate: new Date(options.now()) })
        .catch((error: unknown) => {
          throw new AuthError("build", `failed to sign the request: ${nameOf(error)}`);
        });
      const { host: _, ...signedHeaders } = signed.headers;
      return { ...request, headers: new HeaderBag(Object.entries(signedHeaders)) };
    },
  };
}

/** Proxies may drop or rename headers with an underscore, which would break the signature; they are not sent. */
function signableHeaders(headers: HeaderBag): [string, string][] {
  return [...headers].filter(([name]) => !name.includes("_")).map(([name, value]) => [name, value]);
}

function toAwsRequest(request: OutboundRequest, headers: readonly (readonly [string, string])[]) {
  const url = new URL(request.url);
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) (query[name] ??= []).push(value);
  return {
    method: request.method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query,
    headers: { ...Object.fromEntries(headers), host: url.host },
    body: request.body ?? new Uint8Array(),
  };
}

/** The hash interface of the signer, over Node's own hashes. With a secret it is an HMAC. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** Messages of the AWS packages name files and hosts, but who knows what else. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown error";
}
