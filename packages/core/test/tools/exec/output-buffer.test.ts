import * as fc from "fast-check";
import { expect, test } from "vitest";
import { OutputBuffer } from "../../../src/tools/exec/output-buffer.ts";

test("[core/X6-buffer] keeps the first and the last half, in whatever pieces the output comes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40, min: 97, max: 122 }), { maxLength: 12 }),
      fc.integer({ min: 2, max: 30 }),
      (chunks, maxBytes) => {
        const buffer = new OutputBuffer(maxBytes);
        for (const chunk of chunks) buffer.push(chunk);
        const all = Buffer.concat(chunks).toString();
        const half = Math.floor(maxBytes / 2);
        expect(buffer.bytes).toBe(all.length);
        const dropped = Math.max(0, all.length - 2 * half);
        expect(buffer.droppedBytes).toBe(dropped);
        const tail = all.slice(half + dropped);
        expect(buffer.text()).toBe(all.slice(0, half) + tail);
        expect(buffer.text("|")).toBe(dropped === 0 ? all : `${all.slice(0, half)}|${tail}`);
      },
    ),
  );
});
