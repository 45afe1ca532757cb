import { expect, test } from "vitest";
import { ParallelLock } from "../../src/tools/parallel-lock.ts";

test("[core/T6-lock] calls that run alone wait for the others and hold up later ones", async () => {
  const lock = new ParallelLock();
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const call = (name: string, parallel: boolean): Promise<void> =>
    lock.run(parallel, async () => {
      log.push(`${name} starts`);
      await new Promise<void>((resolve) => gates.set(name, resolve));
      log.push(`${name} ends`);
    });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const all = [call("a", true), call("b", true), call("c", false), call("d", true)];
  await settle();
  expect(log).toEqual(["a starts", "b starts"]);
  gates.get("b")?.();
  await settle();
  expect(log.slice(2)).toEqual(["b ends"]);
  gates.get("a")?.();
  await settle();
  expect(log.slice(3)).toEqual(["a ends", "c starts"]);
  gates.get("c")?.();
  await settle();
  expect(log.slice(5)).toEqual(["c ends", "d starts"]);
  gates.get("d")?.();
  await Promise.all(all);
});

test("[core/T6-lock] a call that fails does not hold up the next", async () => {
  const lock = new ParallelLock();
  const failing = lock.run(false, async () => {
    throw new Error("broken");
  });
  await expect(failing).rejects.toThrow("broken");
  expect(await lock.run(true, async () => "next")).toBe("next");
});
