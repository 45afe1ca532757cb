import { expect, test } from "vitest";
import { chooseRules } from "../../src/schema/known-schemas.ts";

test.each([
  // manifest, first event, strict -> schema, unsupported
  [1, 2, false, 1, false],
  [2, 1, true, 2, false],
  [undefined, 1, false, 1, false],
  [undefined, 2, true, 2, false],
  [undefined, 9, false, undefined, true],
  [undefined, undefined, false, 3, false],
  [9, 1, false, 1, true],
  [9, 2, false, 2, true],
  [9, "2", false, undefined, true],
  [9, undefined, false, undefined, true],
  // The reader of schema 1 does not look at the manifest's.
  [9, 1, true, 1, false],
  [9, undefined, true, 1, false],
  [9, 2, true, 2, true],
  [9, 9, true, undefined, true],
  [9, 3, false, 3, true],
  // Events of one container can not be read as those of the other; a strict reader goes by the manifest.
  [2, 3, false, 3, true],
  [3, 2, false, 2, true],
  [2, 3, true, 2, false],
])(
  "a bundle with manifest %s and first event %s is read (strict: %s) by schema %s, unsupported: %s",
  (manifest, firstEvent, isStrict, version, isUnsupported) => {
    const chosen = chooseRules(manifest, firstEvent, isStrict);
    expect(chosen.rules?.version).toBe(version);
    expect(chosen.isUnsupported).toBe(isUnsupported);
  },
);
