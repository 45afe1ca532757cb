import type { Page } from "playwright-core";

/** What the page's own thread had to do, in milliseconds. */
export interface Work {
  /** Processor time: on a busy machine it says what the page does, the clock says what the machine does besides. */
  readonly cpu: number;
  /** Processor time of the longest task: meanwhile no key and no click is handled. */
  readonly longestTask: number;
  /** How many tasks took a millisecond or more. */
  readonly tasks: number;
  /** By the clock. */
  readonly wall: number;
}

/** An event of Chromium's own trace, in microseconds. */
export interface ThreadEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of `dur`, what the processor worked. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Does something and says what the page had to do for it. */
export async function workOf(page: Page, act: () => Promise<unknown>): Promise<Work> {
  return (await observe(page, act)).work;
}

/** The same, with the events of the page's main thread. */
export async function observe(
  page: Page,
  act: () => Promise<unknown>,
): Promise<{ readonly work: Work; readonly events: readonly ThreadEvent[] }> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  await browser.startTracing(page, {
    categories: ["__metadata", "devtools.timeline", "disabled-by-default-devtools.timeline"],
  });
  const start = performance.now();
  await act();
  const wall = performance.now() - start;
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly ThreadEvent[];
  };
  const pages = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const events = traceEvents.filter(({ pid, tid }) => pages.has(`${pid} ${tid}`));
  const tasks = events.filter(({ name }) => name === "RunTask").map(({ tdur = 0 }) => tdur / 1000);
  const work = {
    cpu: tasks.reduce((sum, each) => sum + each, 0),
    longestTask: Math.max(0, ...tasks),
    tasks: tasks.filter((each) => each >= 1).length,
    wall,
  };
  return { work, events };
}
