import { bundlePage } from "./bundle-page.ts";

// During development, and in tests, the page is made when the module is loaded. What is published has it ready.
const page = await bundlePage();

export const pageScript: string = page.script;
export const pageStyle: string = page.style;
