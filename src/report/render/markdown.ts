/** A document as Markdown: the same words and numbers; charts become tables of their values. */

import { rowsOf } from "../chart/rows.ts";
import { type Block, type ReportDocument, type Table, textOf } from "../document.ts";

export function markdownOf({ title, byline, sections, colophon }: ReportDocument): string {
  const body = sections.map((section, index) =>
    [`## ${index + 1} ${plain(section.title)}`, ...section.blocks.map(blockText)]
      .filter((text) => text !== "")
      .join("\n\n"),
  );
  return `${[`# ${plain(title)}`, plain(byline), ...body, "---", plain(colophon)].join("\n\n")}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return plain(block.text);
    case "heading":
      return `### ${plain(block.text)}`;
    case "list":
      return block.items.map((item) => `- ${plain(item)}`).join("\n");
    case "tiles":
      return block.tiles
        .map(
          ({ label, value, note }) =>
            `- ${plain(label)}: **${plain(value)}**${note === undefined ? "" : ` (${plain(note)})`}`,
        )
        .join("\n");
    case "chart": {
      const rows = rowsOf(block.chart);
      if (rows === undefined) return "";
      const caption = block.caption === undefined ? [] : [plain(block.caption)];
      return [`### ${plain(block.title)}`, tableText({ kind: "table", ...rows }), ...caption].join("\n\n");
    }
    case "file":
      return `### ${plain(block.name)}\n\n${fenced(block.text)}`;
    case "table":
      return tableText(block);
  }
}

function tableText({ caption, columns, rows }: Table): string {
  const cells = (row: readonly string[]): string =>
    `| ${row.map((text) => plain(text).replaceAll("\n", " ")).join(" | ")} |`;
  return [
    ...(caption === undefined ? [] : [plain(caption), ""]),
    cells(columns.map(({ title }) => title)),
    `|${columns.map(({ align }) => (align === "right" ? " ---: " : " --- ")).join("|")}|`,
    ...rows.map((row) => cells(row.map(textOf))),
  ].join("\n");
}

/** A fence longer than any that the text holds. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}yaml\n${text.replace(/\n?$/, "\n")}${fence}`;
}

/** Text that Markdown takes as text. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, (mark) => `\\${mark}`);
}
