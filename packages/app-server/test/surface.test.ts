import { expect, test } from "vitest";
import * as appServer from "@codex-ts/app-server";

test("exports exactly these values; a new one needs a changeset", () => {
  expect(Object.keys(appServer).toSorted()).toEqual(["createAppServer"]);
});
