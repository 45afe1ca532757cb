const BRAND = Symbol.for("codex-ts.error.ProviderError");

/** Kinds of {@link ProviderError}, by the decision they ask for. */
export type ProviderErrorCode =
  | "invalid_configuration"
  | "missing_environment_variable"
  | "invalid_model_catalog"
  | "refresh_token_failed"
  | "token_command_failed"
  | "login_failed"
  | CredentialsErrorCode;

/**
 * Base of every error this package throws. Messages are one line, say what to do, and never hold a credential.
 *
 * Use {@link ProviderError.is} across packages: two copies of this package may be installed.
 */
export abstract class ProviderError extends Error {
  abstract readonly code: ProviderErrorCode;

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  /** Whether `error` is a `ProviderError`, also one made by another copy of this package. */
  static is(error: unknown): error is ProviderError {
    return typeof error === "object" && error !== null && BRAND in error;
  }
}

/** The configuration cannot be used; the message names the key and the expected shape. Fix the file and start again. */
export class ProviderConfigError extends ProviderError {
  override readonly name = "ProviderConfigError";
  readonly code = "invalid_configuration";
  /** Dotted path of the offending key, e.g. `model_providers.mock.auth.timeout_ms`. */
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(path === "" ? problem : `${path}: ${problem}`, options);
    this.path = path;
  }
}

/**
 * The variable that holds a provider's key is unset or blank. Raised while a request is set up: nothing has been sent,
 * and repeating the request does not help. Source: docs/behavior/model-provider.md 6.4.
 */
export class EnvVarError extends ProviderError {
  override readonly name = "EnvVarError";
  readonly code = "missing_environment_variable";
  /** Name of the variable, never its value. */
  readonly variable: string;
  /** `env_key_instructions` of the provider. */
  readonly instructions: string | undefined;

  constructor(variable: string, instructions?: string) {
    // The text form is a contract: programs that drive Codex look for it.
    const missing = `Missing environment variable: \`${variable}\`.`;
    super(instructions === undefined ? missing : `${missing} ${instructions}`);
    this.variable = variable;
    this.instructions = instructions;
  }
}

/** A model catalog cannot be used; the message says which part. */
export class ModelCatalogError extends ProviderError {
  override readonly name = "ModelCatalogError";
  readonly code = "invalid_model_catalog";

  constructor(problem: string, options?: ErrorOptions) {
    super(`read model catalog: ${problem}`, options);
  }
}

/** Kinds of problems with stored or supplied credentials. */
export type CredentialsErrorCode =
  /** The stored credentials are corrupt or cannot be read: log in again. */
  | "credentials_unreadable"
  /** The stored record lacks a part its kind needs: log in again. */
  | "credentials_incomplete"
  /** The directory of the credentials cannot be written: check its permissions and the free space. */
  | "store_unavailable"
  /** The system keyring cannot be used: choose another store. */
  | "keyring_unavailable"
  /** The service that describes a token refused it or could not be asked. */
  | "token_rejected";

/** Stored or supplied credentials cannot be used. The message names the place and never the content. */
export class CredentialsError extends ProviderError {
  override readonly name = "CredentialsError";
  readonly code: CredentialsErrorCode;

  constructor(code: CredentialsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
