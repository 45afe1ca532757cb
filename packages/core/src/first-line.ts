const MAX_CHARACTERS = 200;

/** The first line of an error's message, for people and models: what follows is advice for packagers, or a stack. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]?.slice(0, MAX_CHARACTERS) ?? "";
}
