import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Program and style of the page, ready to be put into an HTML file. */
export interface BundledPage {
  readonly script: string;
  readonly style: string;
  /** Files the program was made of. */
  readonly modules: readonly string[];
}

/** Every page is a copy of these, so it names them. */
const NOTICE = `/*! Preact (c) 2015-present Jason Miller; @preact/signals (c) 2022-present Preact Team; @tanstack/virtual-core (c) 2021-present Tanner Linsley: MIT license. diff (c) 2009-2015 Kevin Decker: BSD-3-Clause license. */
`;

/**
 * Members that @tanstack/virtual-core, a quarter of the program, and `diff` have for themselves: some by convention, some by
 * name. None is a member of an object of the browser, of the data, or of another library. Short ones are 8 KB less.
 */
const INNER_MEMBERS = new RegExp(
  String.raw`^_[a-z]\w+$|^(?:${[
    "scrollState measurementsCache itemSizeCache\\w* pendingScrollAnchor pendingWrite pendingMin laneAssignments",
    "lastTargetOffset elementsCache targetWindow scheduleScrollReconcile reconcileScroll getMeasurements",
    "getMaxScrollOffset getCommandWrittenOffset getOffsetFor\\w+ getScrollOffset getMeasurementOptions",
    "shouldMeasureDuringScroll isIndexInRange indexFromElement scrollAdjustments calculateRange getVirtualIndexes",
    "lanesChangedFlag lanesSettling getVirtualDistanceFromEnd scrollElement scrollOffset scrollDirection scrollRect",
    "useAnimationFrameWithResizeObserver useScrollendEvent useCachedMeasurements isScrolling isScrollingResetDelay",
    "getItemKey shouldAdjustScrollPositionOnItemSizeChange startIndex endIndex measureElement scrollEndThreshold",
    "laneAssignmentMode getVirtualItemForOffset getVirtualItems getScrollStateTarget estimateSize initialOffset",
    "initialMeasurementsCache stableFrames applyScrollAdjustment observeElementOffset observeElementRect maybeNotify",
    "maxAtWrite overscan followOnAppend getDistanceFromEnd awaitingFling scrollToIndex getTotalSize",
    "lastComponent previousComponent newlineIsToken oneChangePerToken oldPos",
  ]
    .join(" ")
    .replaceAll(" ", "|")})$`,
);

/** Bundles the private app `apps/trace-viewer`; only where the repository is. */
export async function bundlePage(): Promise<BundledPage> {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: fileURLToPath(import.meta.resolve("@codex-ts/trace-viewer-page/main")),
    platform: "browser",
    resolve: { conditionNames: ["@codex-ts/source", "browser", "import", "default"] },
    transform: {
      target: "es2022",
      // The older form of JSX: children as arguments instead of a named property, some 400 times, are 4 KB less.
      jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" },
      inject: { h: ["preact", "h"], Fragment: ["preact", "Fragment"] },
    },
    logLevel: "warn",
    treeshake: { manualPureFunctions: ["WordDiff"] },
  });
  try {
    const { output } = await build.generate({
      format: "iife",
      minify: { mangle: true, compress: true, mangleProps: { include: INNER_MEMBERS } },
      comments: false,
    });
    const [{ code, moduleIds }] = output;
    const style = await readFile(
      fileURLToPath(import.meta.resolve("@codex-ts/trace-viewer-page/style")),
      "utf8",
    );
    return {
      script: NOTICE + insideElement(code.trimEnd()),
      style: compact(style),
      modules: moduleIds,
    };
  } finally {
    await build.close();
  }
}

/** A program may hold the texts that end or open a script element; escaped they mean the same. */
function insideElement(code: string): string {
  return code.replaceAll(/<(?=\/script|script|!--)/gi, String.raw`\x3C`);
}

/** Without comments and white space that means nothing; a declaration has one colon with a space behind it. */
function compact(css: string): string {
  return css
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{};,>]) ?/g, "$1")
    .replaceAll(": ", ":")
    .replaceAll(";}", "}")
    .trim();
}
