import {
  AlignmentType,
  Document,
  HeadingLevel,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import type { Block, DemoDocument, Span } from './markdown.js';
import { withFixedTimes } from './zip.js';

const HEADINGS = [
  HeadingLevel.TITLE,
  HeadingLevel.HEADING_1,
  HeadingLevel.HEADING_2,
  HeadingLevel.HEADING_3,
] as const;
const NUMBERED = 'numbered';

function runs(spans: Span[], extra: { size?: number; color?: string } = {}): TextRun[] {
  return spans.map(
    (span) => new TextRun({ text: span.text, bold: span.bold, italics: span.italic, ...extra }),
  );
}

function row(cells: Span[][], isHeader: boolean): TableRow {
  return new TableRow({
    tableHeader: isHeader,
    children: cells.map(
      (spans) =>
        new TableCell({
          margins: { top: 60, bottom: 60, left: 90, right: 90 },
          ...(isHeader ? { shading: { fill: 'E8EEF4' } } : {}),
          children: [
            new Paragraph({
              children: runs(isHeader ? spans.map((span) => ({ ...span, bold: true })) : spans, { size: 18 }),
            }),
          ],
        }),
    ),
  });
}

function elements(block: Block, instance: number): (Paragraph | Table)[] {
  switch (block.kind) {
    case 'heading':
      return [
        new Paragraph({
          heading: HEADINGS[block.level - 1] ?? HeadingLevel.HEADING_3,
          spacing: { before: 240, after: 120 },
          children: runs(block.spans),
        }),
      ];
    case 'paragraph':
      return [new Paragraph({ spacing: { after: 140 }, children: runs(block.spans) })];
    case 'fineprint':
      // White on white at one point: invisible to the reader, plain text to an extractor.
      return [new Paragraph({ children: runs(block.spans, { size: 2, color: 'FFFFFF' }) })];
    case 'list':
      return block.items.map(
        (spans) =>
          new Paragraph({
            spacing: { after: 60 },
            children: runs(spans),
            ...(block.ordered
              ? { numbering: { reference: NUMBERED, level: 0, instance } }
              : { bullet: { level: 0 } }),
          }),
      );
    case 'table':
      return [
        new Table({
          width: { size: 100, type: WidthType.PERCENTAGE },
          rows: [row(block.header, true), ...block.rows.map((cells) => row(cells, false))],
        }),
        new Paragraph({ children: [] }),
      ];
    default: {
      const never: never = block;
      return never;
    }
  }
}

function coreProperties(title: string, author: string): string {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const moment = '2026-01-01T00:00:00Z';
  return [
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"',
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"',
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
    `<dc:title>${escape(title)}</dc:title><dc:creator>${escape(author)}</dc:creator>`,
    `<dcterms:created xsi:type="dcterms:W3CDTF">${moment}</dcterms:created>`,
    `<dcterms:modified xsi:type="dcterms:W3CDTF">${moment}</dcterms:modified></cp:coreProperties>`,
  ].join('');
}

export async function renderDocx(source: DemoDocument, author: string): Promise<Buffer> {
  const title = new Paragraph({ heading: HeadingLevel.TITLE, children: [new TextRun(source.title)] });
  const document = new Document({
    title: source.title,
    creator: author,
    styles: { default: { document: { run: { font: 'Calibri', size: 22 } } } },
    numbering: {
      config: [
        {
          reference: NUMBERED,
          levels: [{ level: 0, format: 'decimal', text: '%1.', alignment: AlignmentType.START }],
        },
      ],
    },
    sections: [{ children: [title, ...source.blocks.flatMap(elements)] }],
  });
  // The library stamps the current time into the core properties; ours are fixed.
  const core = { path: 'docProps/core.xml', data: coreProperties(source.title, author) };
  return withFixedTimes(await Packer.toBuffer(document, false, [core]));
}
