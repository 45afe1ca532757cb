import { expect, test } from "vitest";
import { PromptParts } from "../../src/recorder/prompt-parts.ts";
import { RecentMap } from "../../src/recorder/recent-map.ts";

test("a map of what is recent keeps at least its minimum, at most twice as much, and what is read", () => {
  const map = new RecentMap<number>(10);
  map.set("kept", -1);
  for (let n = 0; n < 1000; n += 1) {
    map.set(String(n), n);
    expect(map.get("kept")).toBe(-1);
    for (let back = 0; back < Math.min(n, 4); back += 1)
      expect(map.get(String(n - back))).toBe(n - back);
    expect(map.size).toBeLessThanOrEqual(20);
  }
  expect(map.get("0")).toBeUndefined();
  expect(map.get("900")).toBeUndefined();
});

test("an item is recorded once while requests have it, also as a copy, and again when it comes back long after", () => {
  let written = 0;
  const parts = new PromptParts({
    writeAssembledPayload: (kind) => {
      if (kind === "model_item") written += 1;
      return { raw_payload_id: `raw_payload:${written}`, kind: { type: kind }, shard: 1 };
    },
  });
  const item = (n: number): object => ({ type: "message", role: "user", text: `text ${n}` });
  const request = (...items: readonly object[]): unknown =>
    parts.write("inference_request", { model: "m", input: items }, "thread");
  request(item(1), item(2));
  request(item(1), item(2), item(3));
  expect(written).toBe(3);
  // A compaction takes them away; thousands of others come and go.
  for (let n = 10; n < 4010; n += 1) request(item(n));
  expect(written).toBe(4003);
  request(item(1));
  expect(written).toBe(4004);
});
