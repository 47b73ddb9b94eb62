// The small Markdown that demo documents are written in, as plain blocks: renderers get data, never markup.

export type Span = { text: string; bold: boolean; italic: boolean };

export type Block =
  | { kind: 'heading'; level: number; spans: Span[] }
  | { kind: 'paragraph'; spans: Span[] }
  | { kind: 'fineprint'; spans: Span[] }
  | { kind: 'list'; ordered: boolean; items: Span[][] }
  | { kind: 'table'; header: Span[][]; rows: Span[][][] };

export type DemoDocument = { title: string; blocks: Block[] };

type TableBlock = Extract<Block, { kind: 'table' }>;

function width(spans: Span[]): number {
  return spans.reduce((sum, span) => sum + span.text.length, 0);
}

/** Column shares follow the longest cell; the square root keeps a long remark from starving the rest. */
export function columnShares({ header, rows }: TableBlock): number[] {
  return header.map((cell, column) => {
    const longest = Math.max(width(cell), ...rows.map((row) => width(row[column] ?? [])));
    return Math.round(Math.sqrt(Math.max(longest, 6)) * 10);
  });
}

const LIST_ITEM = /^(-|\d+\.) +/;

function parseSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const part of text.replaceAll('`', '').split(/(\*\*[^*]+\*\*|_[^_\s][^_]*_(?!\w))/)) {
    if (part === '') continue;
    if (part.length > 4 && part.startsWith('**') && part.endsWith('**')) {
      spans.push({ text: part.slice(2, -2), bold: true, italic: false });
    } else if (part.length > 2 && part.startsWith('_') && part.endsWith('_')) {
      spans.push({ text: part.slice(1, -1), bold: false, italic: true });
    } else {
      spans.push({ text: part, bold: false, italic: false });
    }
  }
  return spans;
}

function cells(line: string): Span[][] {
  return line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => parseSpans(cell.trim()));
}

function table(lines: string[]): Block {
  const [header = '', , ...rows] = lines;
  return { kind: 'table', header: cells(header), rows: rows.map(cells) };
}

function list(lines: string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    if (LIST_ITEM.test(line)) items.push(line.replace(LIST_ITEM, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`.trim());
  }
  return { kind: 'list', ordered: /^\d/.test(lines[0] ?? ''), items: items.map(parseSpans) };
}

function block(chunk: string): Block {
  const lines = chunk.split('\n');
  const first = lines[0] ?? '';
  const heading = /^(#{1,4}) +([^ ].*)$/.exec(first);
  if (heading !== null) {
    return { kind: 'heading', level: (heading[1] ?? '').length, spans: parseSpans(heading[2] ?? '') };
  }
  if (first.startsWith('|')) return table(lines);
  if (LIST_ITEM.test(first)) return list(lines);
  const text = lines.join(' ');
  const small = /^<small>(.*)<\/small>$/.exec(text);
  if (small !== null) return { kind: 'fineprint', spans: parseSpans(small[1] ?? '') };
  return { kind: 'paragraph', spans: parseSpans(text) };
}

/** Blocks are parted by blank lines; the first one is the title (`# …`). */
export function parseMarkdown(source: string): DemoDocument {
  const chunks = source
    .replaceAll('\r\n', '\n')
    .trim()
    .split(/\n{2,}/);
  const [first, ...blocks] = chunks.map(block);
  if (first?.kind !== 'heading' || first.level !== 1) throw new Error('a document starts with its title');
  return { title: first.spans.map((span) => span.text).join(''), blocks };
}
