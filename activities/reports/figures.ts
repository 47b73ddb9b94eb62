// What is computed for the pictures of a PDF, so that the templates only draw.
import type { BcmImpactAnalysis } from '../../domain/reports/bcm-schema.js';
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import type { RiskRegister } from '../../domain/reports/risk-schema.js';
import { heatmapPicture } from '../../domain/risks/heatmap.js';
import { printable } from './text.js';

/** More boxes than that cannot be read on a page. */
const MOST_NODES = 60;
const MOST_COLUMNS = 5;
/** Of a page's height. */
const MOST_ROWS = 18;

type Node = BcmImpactAnalysis['nodes'][number];
type Edge = BcmImpactAnalysis['edges'][number];

interface Graph {
  columns: number;
  rows: number;
  nodes: { name: string; kind: string; type: string; single: boolean; column: number; row: number }[];
  /** From, to (places in `nodes`), and whether it is hard. */
  edges: [number, number, boolean][];
  caption: string;
}

interface Figures {
  heatmap?: string;
  heatmap_words?: string;
  graph?: Graph | null;
}

export function figuresOf(document: ReportDocument): Figures {
  if (document.type === 'risk_register') return heatmapOf(document);
  if (document.type === 'bcm_impact_analysis') return { graph: graphOf(document) };
  return {};
}

function heatmapOf({ heatmap, bounds, organization, as_of }: RiskRegister): Figures {
  const { statuses, ...cells } = heatmap;
  const picture = heatmapPicture({
    map: { ...cells, bounds },
    organization: printable(organization.name),
    date: as_of.slice(0, 10),
    view: 'both',
    statuses,
    bare: true,
  });
  return {
    heatmap: picture,
    heatmap_words: `Heatmaps of ${String(cells.total)} risks by likelihood and impact, before and after controls`,
  };
}

const HARD: readonly Edge['dependency_type'][] = ['requires', 'located_in'];

/** How many steps a node lies behind the processes; a cycle stops the count. */
function depths(nodes: readonly Node[], edges: readonly Edge[]): Map<string, number> {
  const depth = new Map(nodes.map(({ id }) => [id, 0]));
  for (let round = 1; round < MOST_COLUMNS; round += 1) {
    for (const { source, target } of edges) {
      const behind = Math.min(MOST_COLUMNS - 1, (depth.get(source) ?? 0) + 1);
      if (behind === round && behind > (depth.get(target) ?? 0)) depth.set(target, behind);
    }
  }
  return depth;
}

/** Processes first, then what would stop most of them: what is left out stands in the tables and the workbook. */
function chosen(document: BcmImpactAnalysis): { nodes: Node[]; edges: Edge[] } {
  const stops = new Map(document.single_points.map((point) => [point.id, point.dependent_processes.length]));
  const weight = (node: Node): number =>
    node.type === 'process' ? Number.MAX_SAFE_INTEGER : (stops.get(node.id) ?? 0);
  const connected = new Set(document.edges.flatMap(({ source, target }) => [source, target]));
  const nodes = document.nodes
    .filter(({ id }) => connected.has(id))
    .toSorted((a, b) => weight(b) - weight(a) || a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_NODES);
  const kept = new Set(nodes.map(({ id }) => id));
  return { nodes, edges: document.edges.filter((edge) => kept.has(edge.source) && kept.has(edge.target)) };
}

/** Columns from left to right; a column that is too long for the page is cut. */
function graphOf(document: BcmImpactAnalysis): Graph | null {
  const { nodes, edges } = chosen(document);
  const depth = depths(nodes, edges);
  const used = [...new Set(nodes.map(({ id }) => depth.get(id) ?? 0))].toSorted((a, b) => a - b);
  const singles = new Set(document.single_points.map(({ id }) => id));
  const taken = used.map(() => 0);
  const places = new Map<string, number>();
  const placed: Graph['nodes'] = [];
  for (const node of nodes) {
    const column = used.indexOf(depth.get(node.id) ?? 0);
    const row = taken[column] ?? 0;
    if (row >= MOST_ROWS) continue;
    taken[column] = row + 1;
    places.set(node.id, placed.length);
    const { name, kind, type } = node;
    placed.push({
      name: printable(name),
      kind: printable(kind),
      type,
      single: singles.has(node.id),
      column,
      row,
    });
  }
  if (placed.length === 0) return null;
  const hidden = document.nodes.length - placed.length;
  return {
    columns: used.length,
    rows: Math.max(...taken),
    nodes: placed,
    edges: edges.flatMap((edge): Graph['edges'] => {
      const [from, to] = [places.get(edge.source), places.get(edge.target)];
      if (from === undefined || to === undefined) return [];
      return [[from, to, HARD.includes(edge.dependency_type)]];
    }),
    caption: [
      'Processes stand on the left, what they need to the right of them.',
      'Red: a single point of failure. Dashed: works without it, but worse.',
      hidden === 0 ? '' : `${hidden.toLocaleString('en-US')} more stand in the workbook only.`,
    ]
      .join(' ')
      .trim(),
  };
}
