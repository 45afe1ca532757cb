import { getCACertificates } from "node:tls";
import { RequestBuildError } from "../errors.ts";
import { readPlainText } from "../internal/read-plain-file.ts";
import { readCertificateBundle } from "./certificate-bundle.ts";
import type { Environment } from "./proxy-settings.ts";

/** Variables that name a bundle of additional authorities; the first that is not empty counts. */
const BUNDLE_VARIABLES = ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"] as const;

/** Those of systems have a few hundred kilobytes. */
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/**
 * Node's own authorities plus those of the bundle the environment names, for the `ca` option of TLS. `undefined` when
 * no variable is set. Throws `RequestBuildError` that names the variable and the path when the bundle is not usable.
 * Source: docs/behavior/api.md 3.
 */
export function readCertificateAuthorities(env: Environment): readonly string[] | undefined {
  const variable = BUNDLE_VARIABLES.find((name) => (env[name] ?? "") !== "");
  const path = variable === undefined ? undefined : env[variable];
  if (variable === undefined || path === undefined) return undefined;
  try {
    const additional = readCertificateBundle(readPlainText(path, { maxBytes: MAX_BUNDLE_BYTES }));
    return [...getCACertificates("default"), ...additional];
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : "unknown reason";
    throw new RequestBuildError(
      `cannot use the certificate bundle ${path} of ${variable}: ${why}; name a PEM file with at least one certificate, or unset ${variable}`,
      { cause: error },
    );
  }
}
