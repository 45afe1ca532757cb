const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Local time of a moment: `3:33 AM` when it is today, else `May 18th, 2033 3:33 AM`. Source: api.md 9.4. */
export function resetTimeText(unixSeconds: number, nowMs: number): string {
  const at = new Date(unixSeconds * 1000);
  if (Number.isNaN(at.getTime())) return "an unknown time";
  const clock = `${at.getHours() % 12 || 12}:${String(at.getMinutes()).padStart(2, "0")} ${at.getHours() < 12 ? "AM" : "PM"}`;
  if (at.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${months[at.getMonth()]} ${ordinal(at.getDate())}, ${at.getFullYear()} ${clock}`;
}

function ordinal(day: number): string {
  const isTeen = day >= 11 && day <= 13;
  const suffix = isTeen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
  return `${day}${suffix}`;
}
