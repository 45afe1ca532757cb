import { describe, expect, test } from "vitest";
import { unsupportedNodeMessage } from "../src/node-version.ts";

describe("the Node version", () => {
  test.each(["22.19.0", "22.20.1", "23.0.0", "24.21.0", "100.0.0"])("accepts %s", (version) => {
    expect(unsupportedNodeMessage(version)).toBeUndefined();
  });

  test.each(["20.20.2", "22.18.9", "18.0.0", "8.17.0"])("refuses %s and names both", (version) => {
    expect(unsupportedNodeMessage(version)).toContain("22.19");
    expect(unsupportedNodeMessage(version)).toContain(version);
  });
});
