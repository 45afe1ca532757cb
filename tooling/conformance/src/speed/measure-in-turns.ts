/**
 * Measures several things in turns, so that whatever else the machine does hits all of them: one round that is not
 * counted, then as many as asked for.
 */
export async function measureInTurns<Name extends string, Measured>(
  rounds: number,
  measurements: Readonly<Record<Name, () => Promise<Measured>>>,
): Promise<Readonly<Record<Name, readonly Measured[]>>> {
  const names = Object.keys(measurements) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Measured[]
  >;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const measured = await measurements[name]();
      if (round > 0) results[name].push(measured);
    }
  }
  return results;
}
