/** The text without its percent-encoding; as it is where it has a `%` that begins none, which is then meant as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
