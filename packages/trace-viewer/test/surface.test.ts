import { expect, test } from "vitest";
import * as traceViewer from "@codex-ts/trace-viewer";

test("exports exactly these values; a new one needs a changeset", () => {
  expect(Object.keys(traceViewer).toSorted()).toEqual(["renderDiffHtml", "renderTraceHtml"]);
});
