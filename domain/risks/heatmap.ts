// The heatmap as a picture for a slide: SVG with generic fonts, nothing loaded from anywhere.
import {
  appetiteOf,
  type Appetite,
  type CellCount,
  type Cell,
  inherentScore,
  LEVELS,
  RISK_STATUSES,
} from './rules.js';
import type { Heatmap, HeatmapView } from './schema.js';

const FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif";
const INK = '#1d232b';
const MUTED = '#56606d';
const HEIGHT = 720;
const MARGIN = 56;
/** Room for the axis and its labels, left of a grid. */
const AXIS = 108;
const CELL_WIDTH = 92;
const CELL_HEIGHT = 84;
const GAP = 4;
const GRID_WIDTH = CELL_WIDTH * LEVELS.length;
const GRID_HEIGHT = CELL_HEIGHT * LEVELS.length;
const GRID_TOP = 168;
/** Room for the name of a grid above it. */
const HEADING = 44;
const BETWEEN = 40;
/** In small letters of ours; those of East Asia are twice as wide. */
const NAME_WIDTH = { both: 70, inherent: 62, residual: 62 } as const;
const FIRST_WIDE = 0x1100;
const CAPITAL = 1.4;
/** Widths of digits and commas in parts of the font's size. */
const DIGIT = 0.68;

const NAMES = ['Very low', 'Low', 'Medium', 'High', 'Very high'] as const;
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** Dark ink on each but the last, which carries white: every pair has a contrast of at least 4.5. */
const COLOURS: Readonly<Record<Appetite, { fill: string; pale: string; ink: string }>> = {
  within: { fill: '#8ccba0', pale: '#dcf0e2', ink: INK },
  approaching: { fill: '#fbd968', pale: '#fdf3cf', ink: INK },
  exceeds: { fill: '#f59a4c', pale: '#fce2cb', ink: INK },
  critical: { fill: '#b3261e', pale: '#f3d3d0', ink: '#ffffff' },
};

const PANELS = {
  inherent: { title: 'Inherent', subtitle: 'before controls' },
  residual: { title: 'Residual', subtitle: 'after controls' },
} as const;
type Panel = keyof typeof PANELS;

export interface Picture {
  map: Heatmap;
  organization: string;
  /** `2026-11-24` */
  date: string;
  view: HeatmapView;
  /** What is counted, e.g. `open`. */
  statuses: readonly string[];
  /** Without the lines above the grids, for a page that has them already. */
  bare?: boolean;
}

export function heatmapPicture(picture: Picture): string {
  const { map, view, bare = false } = picture;
  const top = bare ? GRID_TOP - HEADING : 0;
  const panels: readonly Panel[] = view === 'both' ? ['inherent', 'residual'] : [view];
  const width = MARGIN + panels.length * (AXIS + GRID_WIDTH) + (panels.length - 1) * BETWEEN + MARGIN;
  const left = (index: number): number => MARGIN + AXIS + index * (GRID_WIDTH + BETWEEN + AXIS);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 ${top} ${width} ${HEIGHT - top}" width="${width}" height="${HEIGHT - top}" role="img" aria-labelledby="heatmap-title heatmap-desc" font-family="${FONT}">`,
    `<title id="heatmap-title">${escaped([heading(picture), ...underlines(picture)].join(', '))}</title>`,
    `<desc id="heatmap-desc">${escaped(panels.map((panel) => inWords(panel, map)).join(' '))}</desc>`,
    `<rect width="${width}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...(bare ? [] : lettering(picture)),
    ...panels.flatMap((panel, index) => grid(panel, map, left(index))),
    ...legend(map.bounds, panels.length === 2 ? 4 : 2, MARGIN),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function lettering(picture: Picture): string[] {
  return [
    words({ x: MARGIN, y: 62, size: 30, bold: true }, heading(picture)),
    ...underlines(picture).map((text, line) =>
      words({ x: MARGIN, y: 94 + line * 22, size: 17, fill: MUTED }, text),
    ),
  ];
}

function heading({ view }: Picture): string {
  return view === 'both' ? 'Risk heatmap' : `Risk heatmap: ${PANELS[view].title.toLowerCase()}`;
}

/** What is counted where and when: in one line, or in the two that a single map has room for. */
function underlines({ organization, date, map, statuses, view }: Picture): string[] {
  const name = cut(organization, NAME_WIDTH[view]);
  const [year = '', month = '', day = ''] = date.split('-');
  const when = `${String(Number(day))} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
  const counted = RISK_STATUSES.filter((status) => statuses.includes(status));
  const kind = counted.length === RISK_STATUSES.length ? '' : `${alternatives(counted)} `;
  const rest = `${grouped(map.total)} ${kind}${map.total === 1 ? 'risk' : 'risks'} · ${when}`;
  return view === 'both' ? [`${name} · ${rest}`] : [name, rest];
}

function alternatives(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' or ');
}

function cut(text: string, width: number): string {
  let left = width;
  let kept = '';
  for (const letter of text) {
    const wide = (letter.codePointAt(0) ?? 0) >= FIRST_WIDE;
    left -= wide ? 2 : letter === letter.toLowerCase() ? 1 : CAPITAL;
    if (left < 0) return `${kept}…`;
    kept += letter;
  }
  return kept;
}

function grid(panel: Panel, map: Heatmap, left: number): string[] {
  const { title, subtitle } = PANELS[panel];
  const bottom = GRID_TOP + GRID_HEIGHT;
  const middle = GRID_TOP + GRID_HEIGHT / 2;
  return [
    `<text x="${left}" y="${GRID_TOP - 16}" font-size="19" fill="${INK}"><tspan font-weight="700">${title}</tspan><tspan fill="${MUTED}" dx="8" font-size="16">${subtitle}</tspan></text>`,
    `<text x="${left - AXIS + 14}" y="${middle}" font-size="15" font-weight="700" fill="${MUTED}" text-anchor="middle" transform="rotate(-90 ${left - AXIS + 14} ${middle})">Likelihood</text>`,
    words(
      { x: left + GRID_WIDTH / 2, y: bottom + 48, size: 15, bold: true, fill: MUTED, anchor: 'middle' },
      'Impact',
    ),
    words(
      { x: left + GRID_WIDTH - GAP, y: GRID_TOP - 16, size: 12, fill: MUTED, anchor: 'end' },
      'corner: score of the cell',
    ),
    ...LEVELS.flatMap((level) => [
      words(
        { x: left - 12, y: rowTop(level) + CELL_HEIGHT / 2 + 5, size: 14, anchor: 'end' },
        `${NAMES[level - 1] ?? ''} ${String(level)}`,
      ),
      words(
        { x: columnLeft(left, level) + CELL_WIDTH / 2 - GAP / 2, y: bottom + 22, size: 14, anchor: 'middle' },
        `${NAMES[level - 1] ?? ''} ${String(level)}`,
      ),
    ]),
    ...LEVELS.flatMap((likelihood) =>
      LEVELS.map((impact) =>
        square({ likelihood, impact, count: countAt(map[panel], { likelihood, impact }) }, map, left),
      ),
    ),
  ];
}

function rowTop(likelihood: number): number {
  return GRID_TOP + (LEVELS.length - likelihood) * CELL_HEIGHT;
}

function columnLeft(left: number, impact: number): number {
  return left + (impact - 1) * CELL_WIDTH;
}

function countAt(cells: readonly CellCount[], { likelihood, impact }: Cell): number {
  return cells.find((cell) => cell.likelihood === likelihood && cell.impact === impact)?.count ?? 0;
}

function square(cell: CellCount, { bounds }: Heatmap, left: number): string {
  const { likelihood, impact, count } = cell;
  const score = inherentScore(cell);
  const appetite = appetiteOf(score, bounds);
  const { fill, pale, ink } = COLOURS[appetite];
  const [x, y] = [columnLeft(left, impact), rowTop(likelihood)];
  const [width, height] = [CELL_WIDTH - GAP, CELL_HEIGHT - GAP];
  const text = grouped(count);
  const size = Math.min(30, Math.floor((width - 12) / (text.length * DIGIT)));
  return [
    `<g><title>Likelihood ${likelihood}, impact ${impact}, score ${score}, ${appetite}: ${text} ${count === 1 ? 'risk' : 'risks'}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${count > 0 ? fill : pale}"/>`,
    words(
      { x: x + width - 8, y: y + 18, size: 12, anchor: 'end', fill: count > 0 ? ink : MUTED },
      String(score),
    ),
    count > 0
      ? words(
          {
            x: x + width / 2,
            y: y + height / 2 + 6 + size / 3,
            size,
            bold: true,
            anchor: 'middle',
            fill: ink,
          },
          text,
        )
      : '',
    '</g>',
  ].join('');
}

function legend(
  { approaching, exceeds, critical }: Heatmap['bounds'],
  columns: number,
  left: number,
): string[] {
  const entries: readonly [Appetite, string][] = [
    ['within', `Within appetite: below ${String(approaching)}`],
    ['approaching', `Approaching: from ${String(approaching)}`],
    ['exceeds', `Exceeds: from ${String(exceeds)}`],
    ['critical', `Critical: from ${String(critical)}`],
  ];
  const top = columns === 4 ? 668 : 656;
  const marks = entries.map(([appetite, text], index) => {
    const x = left + AXIS + (index % columns) * (columns === 4 ? 270 : 240);
    const y = top + Math.floor(index / columns) * 26;
    return `<rect x="${x}" y="${y}" width="18" height="18" rx="3" fill="${COLOURS[appetite].fill}"/>${words({ x: x + 26, y: y + 14, size: 14 }, text)}`;
  });
  return marks;
}

interface Style {
  x: number;
  y: number;
  size: number;
  bold?: boolean;
  fill?: string;
  anchor?: 'middle' | 'end';
}

function words({ x, y, size, bold = false, fill = INK, anchor }: Style, text: string): string {
  const weight = bold ? ' font-weight="700"' : '';
  const side = anchor === undefined ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${x}" y="${y}" font-size="${size}"${weight} fill="${fill}"${side}>${escaped(text)}</text>`;
}

function inWords(panel: Panel, map: Heatmap): string {
  const cells = map[panel].map(
    ({ likelihood, impact, count }) =>
      `${grouped(count)} at likelihood ${String(likelihood)} and impact ${String(impact)} (${appetiteOf(inherentScore({ likelihood, impact }), map.bounds)})`,
  );
  return `${PANELS[panel].title} risk, ${PANELS[panel].subtitle}: ${cells.length === 0 ? 'none' : cells.join(', ')}.`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and attributes; what XML has no place for is left out. */
export function escaped(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- leaving control characters out is the point
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, '')
      .replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '')
  );
}
