// Every line here is public API: adding one needs a changeset.
export { renderDiffHtml } from "./render-diff-html.ts";
export { renderTraceHtml } from "./render-trace-html.ts";

export type { RenderDiffOptions } from "./render-diff-html.ts";
export type { RenderTraceOptions } from "./render-trace-html.ts";
