/** Options every command understands. */
export interface GlobalOptions {
  readonly verbose?: boolean;
  /** Texts of `-c`, in order. */
  readonly config: readonly string[];
}
