import { z } from "zod";

/** The outcome of a review, with its members spelled as reviewers write them. */
export interface ReviewOutput {
  readonly findings: readonly ReviewFinding[];
  /** `patch is correct` or `patch is incorrect`; `""` when the reviewer gave no structured result. */
  readonly overall_correctness: string;
  /** A few sentences; all that the reviewer said, when it gave no structured result. */
  readonly overall_explanation: string;
  /** 0 to 1. */
  readonly overall_confidence_score: number;
}

/** One problem a reviewer has found. */
export interface ReviewFinding {
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  /** 0 to 1. */
  readonly confidence_score: number;
  /** 0, the most urgent, to 3. */
  readonly priority: number;
  readonly code_location: {
    /** Absolute. */
    readonly absolute_file_path: string;
    /** From 1, the last one included. */
    readonly line_range: { readonly start: number; readonly end: number };
  };
}

const line = z.int().nonnegative();

const finding = z.object({
  title: z.string(),
  body: z.string(),
  confidence_score: z.number(),
  priority: z.int(),
  code_location: z.object({
    absolute_file_path: z.string(),
    line_range: z.object({ start: line, end: line }),
  }),
});

const output: z.ZodType<ReviewOutput> = z.object({
  findings: z.array(finding),
  overall_correctness: z.string(),
  overall_explanation: z.string(),
  overall_confidence_score: z.number(),
});

/** Reads the final message of a reviewer: the object it is, or contains; else the text is the explanation. */
export function readReviewOutput(text: string): ReviewOutput {
  const inner = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  for (const candidate of [text, inner]) {
    const read = output.safeParse(parseJson(candidate));
    if (read.success) return read.data;
  }
  return {
    findings: [],
    overall_correctness: "",
    overall_explanation: text,
    overall_confidence_score: 0,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The outcome as a text for people: what the reviewer thinks of the whole, then its findings. */
export function reviewText({
  overall_explanation: explanation,
  findings,
}: Pick<ReviewOutput, "overall_explanation" | "findings">): string {
  const parts = [explanation.trim(), findingsText(findings)].filter((part) => part !== "");
  return parts.length === 0 ? NO_REVIEW : parts.join("\n\n");
}

/** Shown where a reviewer has said nothing. */
const NO_REVIEW = "The reviewer ended without a result.";

function findingsText(findings: readonly ReviewFinding[]): string {
  if (findings.length === 0) return "";
  const heading = findings.length === 1 ? "Finding:" : "Findings:";
  return [heading, ...findings.map(findingText)].join("\n\n");
}

function findingText({
  title,
  body,
  code_location: { absolute_file_path: path, line_range },
}: ReviewFinding): string {
  const place = `${path}:${line_range.start}-${line_range.end}`;
  const lines = body === "" ? [] : body.split("\n").map((text) => `  ${text}`);
  return [`- ${title} — ${place}`, ...lines].join("\n");
}
