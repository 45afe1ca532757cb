import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { manualClock, seededRandom } from "@codex-ts/test-support";
import {
  createUuidV7Generator,
  newThreadId,
  newTurnId,
  newUuidV4,
  newUuidV7,
} from "@codex-ts/protocol";

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const timeOf = (uuid: string): number => Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16);

describe("version 7", () => {
  test("[protocol/P14] holds the time, the version and the variant", () => {
    const generate = createUuidV7Generator({ now: () => 0x01_8f_12_34_56_78, random: () => 0 });
    expect(generate()).toBe("018f1234-5678-7000-8000-000000000000");
  });

  test("fills every random bit that is not time, version or variant", () => {
    const generate = createUuidV7Generator({ now: () => 0, random: () => 1 - 2 ** -32 });
    // The top bit of the counter stays 0 so that it has room to grow.
    expect(generate()).toBe("00000000-0000-77ff-bfff-ffffffffffff");
  });

  test("[protocol/P14] sorts by creation within a millisecond and when the clock runs backwards", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 2 })), fc.integer(), (steps, seed) => {
        let nowMs = 1_700_000_000_000;
        const generate = createUuidV7Generator({ now: () => nowMs, random: seededRandom(seed) });
        const made = [generate()];
        for (const step of steps) {
          nowMs += step;
          made.push(generate());
        }
        expect(made.toSorted()).toEqual(made);
        expect(new Set(made).size).toBe(made.length);
        for (const uuid of made) expect(uuid).toMatch(V7);
      }),
    );
  });

  test("takes the next millisecond's time and a fresh counter", () => {
    const clock = manualClock(1000);
    const generate = createUuidV7Generator({ now: clock.now, random: () => 0 });
    generate();
    expect(generate()).toBe("00000000-03e8-7000-8000-000100000000");
    clock.advance(1);
    expect(generate()).toBe("00000000-03e9-7000-8000-000000000000");
    expect(timeOf(generate())).toBe(1001);
  });

  test("ids made by the process sort by creation", () => {
    const made = Array.from({ length: 2000 }, () => newThreadId());
    expect(made.toSorted()).toEqual(made);
    expect(new Set([...made, newTurnId(), newUuidV7()]).size).toBe(2002);
    expect(Math.abs(timeOf(newTurnId()) - Date.now())).toBeLessThan(60_000);
  });

  test("takes ids from the generator it is given", () => {
    expect(newThreadId(() => "fixed")).toBe("fixed");
    expect(newTurnId(() => "fixed")).toBe("fixed");
  });
});

describe("version 4", () => {
  test("is random but for version and variant", () => {
    expect(newUuidV4()).toMatch(V4);
    expect(newUuidV4()).not.toBe(newUuidV4());
    expect(newUuidV4({ random: () => 0 })).toBe("00000000-0000-4000-8000-000000000000");
    expect(newUuidV4({ random: () => 1 - 2 ** -32 })).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
  });
});
