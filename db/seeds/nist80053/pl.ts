import type { Row } from './row.js';

export const pl: readonly Row[] = [
  ['PL-1', 'Policy and Procedures', 'LMHP'],
  ['PL-2', 'System Security and Privacy Plans', 'LMHP'],
  ['PL-4', 'Rules of Behavior', 'LMHP'],
  ['PL-4(1)', 'Social Media and External Site/Application Usage Restrictions', 'LMHP'],
  ['PL-7', 'Concept of Operations', ''],
  ['PL-8', 'Security and Privacy Architectures', 'MHP'],
  ['PL-8(1)', 'Defense in Depth', ''],
  ['PL-8(2)', 'Supplier Diversity', ''],
  ['PL-9', 'Central Management', 'P'],
  ['PL-10', 'Baseline Selection', 'LMH'],
  ['PL-11', 'Baseline Tailoring', 'LMH'],
];
