import {
  AlignmentType,
  BorderStyle,
  Document,
  HeadingLevel,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import { columnShares, type Block, type DemoDocument, type Span } from './markdown.js';
import { withFixedTimes } from './zip.js';

const HEADINGS = [
  HeadingLevel.TITLE,
  HeadingLevel.HEADING_1,
  HeadingLevel.HEADING_2,
  HeadingLevel.HEADING_3,
] as const;
const NUMBERED = 'numbered';
const TEXT_WIDTH = 9026; // of an A4 page with the margins of the library, in twentieths of a point
const RULE = { style: BorderStyle.SINGLE, size: 4, color: 'C9D2DA' } as const;
const NO_RULE = { style: BorderStyle.NONE, size: 0, color: 'auto' } as const;

function runs(spans: Span[], extra: { size?: number; color?: string } = {}): TextRun[] {
  return spans.map(
    (span) => new TextRun({ text: span.text, bold: span.bold, italics: span.italic, ...extra }),
  );
}

function row(cells: Span[][], widths: number[], isHeader: boolean): TableRow {
  return new TableRow({
    tableHeader: isHeader,
    cantSplit: true,
    children: cells.map(
      (spans, column) =>
        new TableCell({
          width: { size: widths[column] ?? 0, type: WidthType.DXA },
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
          keepNext: true,
          spacing: { before: 240, after: 120 },
          children: runs(block.spans, { color: '12324F' }),
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
    case 'table': {
      const shares = columnShares(block);
      const all = shares.reduce((sum, share) => sum + share, 0);
      const widths = shares.map((share) => Math.floor((share / all) * TEXT_WIDTH));
      return [
        new Table({
          width: { size: TEXT_WIDTH, type: WidthType.DXA },
          columnWidths: widths,
          layout: TableLayoutType.FIXED,
          borders: {
            top: RULE,
            bottom: RULE,
            insideHorizontal: RULE,
            left: NO_RULE,
            right: NO_RULE,
            insideVertical: NO_RULE,
          },
          rows: [row(block.header, widths, true), ...block.rows.map((cells) => row(cells, widths, false))],
        }),
        new Paragraph({ children: [] }),
      ];
    }
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
  const title = new Paragraph({
    heading: HeadingLevel.TITLE,
    spacing: { after: 160 },
    children: [new TextRun({ text: source.title, size: 40, bold: true, color: '12324F' })],
  });
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
