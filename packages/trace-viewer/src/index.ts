// Every line here is public API: adding one needs a changeset.
export { renderTraceHtml } from "./render-trace-html.ts";

export type { RenderTraceOptions } from "./render-trace-html.ts";
