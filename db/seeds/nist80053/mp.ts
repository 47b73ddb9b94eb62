import type { Row } from './row.js';

export const mp: readonly Row[] = [
  ['MP-1', 'Policy and Procedures', 'LMHP'],
  ['MP-2', 'Media Access', 'LMH'],
  ['MP-3', 'Media Marking', 'MH'],
  ['MP-4', 'Media Storage', 'MH'],
  ['MP-4(2)', 'Automated Restricted Access', ''],
  ['MP-5', 'Media Transport', 'MH'],
  ['MP-5(3)', 'Custodians', ''],
  ['MP-6', 'Media Sanitization', 'LMHP'],
  ['MP-6(1)', 'Review, Approve, Track, Document, and Verify', 'H'],
  ['MP-6(2)', 'Equipment Testing', 'H'],
  ['MP-6(3)', 'Nondestructive Techniques', 'H'],
  ['MP-6(7)', 'Dual Authorization', ''],
  ['MP-6(8)', 'Remote Purging or Wiping of Information', ''],
  ['MP-7', 'Media Use', 'LMH'],
  ['MP-7(2)', 'Prohibit Use of Sanitization-resistant Media', ''],
  ['MP-8', 'Media Downgrading', ''],
  ['MP-8(1)', 'Documentation of Process', ''],
  ['MP-8(2)', 'Equipment Testing', ''],
  ['MP-8(3)', 'Controlled Unclassified Information', ''],
  ['MP-8(4)', 'Classified Information', ''],
];
