import { X509Certificate } from "node:crypto";

/** Why a bundle is not usable; the caller adds where it came from. */
class CertificateBundleProblem extends Error {
  override readonly name: string = "CertificateBundleProblem";
}

const BLOCK_PATTERN = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END ([A-Z0-9 ]+)-----/g;
const ANY_BEGIN = /-----BEGIN [A-Z0-9 ]+-----/g;

/**
 * The certificates of a PEM bundle, each as PEM. Takes `CERTIFICATE` and OpenSSL's `TRUSTED CERTIFICATE` blocks, whose
 * trust settings are cut off, skips revocation lists, and ignores text around the blocks.
 */
export function readCertificateBundle(pem: string): string[] {
  const certificates: string[] = [];
  const blocks = [...pem.matchAll(BLOCK_PATTERN)];
  if (blocks.length !== (pem.match(ANY_BEGIN)?.length ?? 0)) {
    throw new CertificateBundleProblem("it holds a block without an end");
  }
  for (const [, label, base64, endLabel] of blocks) {
    if (label !== endLabel) throw new CertificateBundleProblem("it holds a block without an end");
    const der = decodeBlock(base64 ?? "");
    if (label === "CERTIFICATE") certificates.push(toPem(der));
    if (label === "TRUSTED CERTIFICATE") certificates.push(toPem(firstSequence(der)));
  }
  if (certificates.length === 0) throw new CertificateBundleProblem("it holds no certificate");
  return certificates;
}

function decodeBlock(base64: string): Buffer {
  const text = base64.replaceAll(/\s/g, "");
  if (text === "" || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw new CertificateBundleProblem("it holds a block that is not base64");
  }
  return Buffer.from(text, "base64");
}

function toPem(der: Buffer): string {
  try {
    return new X509Certificate(der).toString();
  } catch (error) {
    const problem = new CertificateBundleProblem("it holds a certificate that does not parse");
    problem.cause = error;
    throw problem;
  }
}

/** The first DER sequence: a trusted certificate is an ordinary one with trust settings behind it. */
function firstSequence(der: Buffer): Buffer {
  const first = der[1] ?? 0;
  if (first < 0x80) return der.subarray(0, 2 + first);
  const sizeBytes = first & 0x7f;
  if (sizeBytes === 0 || sizeBytes > 4 || der.length < 2 + sizeBytes) return der;
  return der.subarray(0, 2 + sizeBytes + der.readUIntBE(2, sizeBytes));
}
