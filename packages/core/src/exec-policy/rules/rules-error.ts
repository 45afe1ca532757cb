/** A rules file that cannot be read: the message names the file, the line and what is wrong there. */
export class RulesError extends Error {
  override readonly name: string = "RulesError";
}

/** A place in a rules file. */
export interface Place {
  readonly path: string;
  /** 1, 2, 3… */
  readonly line: number;
  readonly column: number;
}

export function rulesError({ path, line, column }: Place, problem: string): RulesError {
  return new RulesError(`${path}:${line}:${column}: ${problem}`);
}
