/** Options every command understands. */
export interface GlobalOptions {
  readonly verbose?: boolean;
  /** Texts of `-c`, in order. */
  readonly config: readonly string[];
  /** Name of `-p`. */
  readonly profile?: string | undefined;
  /** `--ignore-user-config`: `config.toml` is not read. */
  readonly ignoreUserConfig?: boolean | undefined;
  /** `--strict-config`: a key nobody knows is an error. */
  readonly strictConfig?: boolean | undefined;
}
