/** A document as one HTML file: text escaped, charts as inline SVG, nothing fetched, no script. */

import { draw } from "../chart/index.ts";
import { escaped } from "../chart/svg.ts";
import {
  type Block,
  type Cell,
  type Column,
  type ReportDocument,
  type Section,
  type Table,
  textOf,
} from "../document.ts";
import { style } from "./style.ts";

export function htmlOf(document: ReportDocument): string {
  const { title, byline, sections, colophon } = document;
  const links = sections.map(({ id, title: name }, index) => `<a href="#${id}">${index + 1} ${escaped(name)}</a>`);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    `<title>${escaped(title)}</title>`,
    `<style>\n${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<header><h1>${escaped(title)}</h1><div class="byline">${escaped(byline)}</div></header>`,
    ...sections.map((section, index) => sectionHtml(section, index, index === 0 ? links : [])),
    `<footer>${escaped(colophon)}</footer>`,
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** Sections that begin a page when printed; the first page is the ask alone. */
const paged = new Set(["requirements", "files"]);

function sectionHtml(section: Section, index: number, links: readonly string[]): string {
  const { id, title, blocks } = section;
  const kind = paged.has(id) ? ' class="page"' : "";
  const nav = links.length === 0 ? [] : [`<nav aria-label="Sections">${links.join("")}</nav>`];
  const heading = `<h2>${index + 1} ${escaped(title)}</h2>`;
  return [`<section id="${id}"${kind}>`, heading, ...blocks.map(blockHtml), ...nav, "</section>"].join("\n");
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return `<p${block.role === undefined ? "" : ` class="${block.role}"`}>${escaped(block.text)}</p>`;
    case "heading":
      return `<h3>${escaped(block.text)}</h3>`;
    case "list":
      return `<ul>${block.items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
    case "tiles":
      return `<div class="tiles">${block.tiles
        .map(({ label, value, note, tone }) => {
          const small = note === undefined ? "" : `<span>${escaped(note)}</span>`;
          const colour = tone === undefined ? "" : ` class="${tone}"`;
          return `<div class="tile"><span>${escaped(label)}</span><b${colour}>${escaped(value)}</b>${small}</div>`;
        })
        .join("")}</div>`;
    case "chart": {
      const below = block.caption === undefined ? "" : `<figcaption>${escaped(block.caption)}</figcaption>`;
      return `<figure><h3>${escaped(block.title)}</h3>${draw(block.chart, block.title)}${below}</figure>`;
    }
    case "file":
      return `<h3>${escaped(block.name)}</h3>\n<pre>${escaped(block.text)}</pre>`;
    case "table":
      return tableHtml(block);
  }
}

/** Tables of so few rows stay on one page. */
const wholeMost = 8;

function tableHtml({ caption, columns, rows, marked }: Table): string {
  const title = caption === undefined ? "" : `<caption>${escaped(caption)}</caption>`;
  const head = columns.map(({ title: name, align }) => `<th scope="col"${cssOf(align)}>${escaped(name)}</th>`).join("");
  const body = rows.map((row, index) => {
    const kind = marked?.includes(index) ? ' class="marked"' : "";
    return `<tr${kind}>${row.map((cell, place) => cellHtml(cell, columns[place])).join("")}</tr>`;
  });
  const inside = `${title}<thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody>`;
  return `<div class="scroll${rows.length <= wholeMost ? " whole" : ""}"><table>${inside}</table></div>`;
}

function cellHtml(cell: Cell, column: Column | undefined): string {
  const { tone, strong } = typeof cell === "string" ? { tone: undefined, strong: undefined } : cell;
  const text = written(textOf(cell), column);
  return `<td${cssOf(column?.align, tone)}>${strong ? `<strong>${text}</strong>` : text}</td>`;
}

/** Keys of the language may break behind a dot; quantities may not. */
function written(text: string, column: Column | undefined): string {
  if (column?.align === "right") return escaped(together(text));
  return dotted.test(text) ? escaped(text).replaceAll(".", ".<wbr>") : escaped(text);
}

const dotted = /^[a-z]\w*(\.\w+)+$/i;

/** A number keeps its unit on its line; a range may break before "to". */
function together(text: string): string {
  return text.replace(/(\d) (?!to )/g, "$1\u00a0");
}

function cssOf(align: Column["align"], tone?: string): string {
  const names = [...(align === "right" ? ["r"] : []), ...(tone === undefined ? [] : [tone])];
  return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
}
