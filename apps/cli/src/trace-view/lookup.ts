/** An entry of a map that was read from a bundle, whose ids may be names of built-in members (`constructor`). */
export function lookup<T>(map: Readonly<Record<string, T>>, id: string | null): T | undefined {
  return id !== null && Object.hasOwn(map, id) ? map[id] : undefined;
}
