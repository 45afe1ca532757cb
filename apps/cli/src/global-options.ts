/** Options every command understands. */
export interface GlobalOptions {
  readonly verbose?: boolean;
  /** Texts of `-c`, in order. */
  readonly config: readonly string[];
  /** Name of `-p`. */
  readonly profile?: string | undefined;
}
