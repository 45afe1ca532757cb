/**
 * Measures several things in turns, so that whatever else the machine does hits all of them: one round that is not
 * counted, then as many as asked for.
 */
export async function measureInTurns<Name extends string>(
  rounds: number,
  measurements: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(measurements) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const time = await measurements[name]();
      if (round > 0) times[name].push(time);
    }
  }
  return times;
}
