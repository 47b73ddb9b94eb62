import type { Row } from './row.js';

export const ps: readonly Row[] = [
  ['PS-1', 'Policy and Procedures', 'LMH'],
  ['PS-2', 'Position Risk Designation', 'LMH'],
  ['PS-3', 'Personnel Screening', 'LMH'],
  ['PS-3(1)', 'Classified Information', ''],
  ['PS-3(2)', 'Formal Indoctrination', ''],
  ['PS-3(3)', 'Information Requiring Special Protective Measures', ''],
  ['PS-3(4)', 'Citizenship Requirements', ''],
  ['PS-4', 'Personnel Termination', 'LMH'],
  ['PS-4(1)', 'Post-employment Requirements', ''],
  ['PS-4(2)', 'Automated Actions', 'H'],
  ['PS-5', 'Personnel Transfer', 'LMH'],
  ['PS-6', 'Access Agreements', 'LMHP'],
  ['PS-6(2)', 'Classified Information Requiring Special Protection', ''],
  ['PS-6(3)', 'Post-employment Requirements', ''],
  ['PS-7', 'External Personnel Security', 'LMH'],
  ['PS-8', 'Personnel Sanctions', 'LMH'],
  ['PS-9', 'Position Descriptions', 'LMH'],
];
