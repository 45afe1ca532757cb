import { signal } from "@preact/signals";

/** The last thing that happened, for eyes and screen readers; empty after a moment. */
export const notice = signal("");
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  notice.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => {
    notice.value = "";
  }, 2500);
}

/** Copies a text and says so. Pages from files may have no clipboard API, so there is an older way. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    if (!isDone) {
      say("the browser does not let this page copy");
      return;
    }
  }
  say(`copied ${what}`);
}
