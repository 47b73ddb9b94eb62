import type { Row } from './row.js';

export const at: readonly Row[] = [
  ['AT-1', 'Policy and Procedures', 'LMHP'],
  ['AT-2', 'Literacy Training and Awareness', 'LMHP'],
  ['AT-2(1)', 'Practical Exercises', ''],
  ['AT-2(2)', 'Insider Threat', 'LMH'],
  ['AT-2(3)', 'Social Engineering and Mining', 'MH'],
  ['AT-2(4)', 'Suspicious Communications and Anomalous System Behavior', ''],
  ['AT-2(5)', 'Advanced Persistent Threat', ''],
  ['AT-2(6)', 'Cyber Threat Environment', ''],
  ['AT-3', 'Role-based Training', 'LMHP'],
  ['AT-3(1)', 'Environmental Controls', ''],
  ['AT-3(2)', 'Physical Security Controls', ''],
  ['AT-3(3)', 'Practical Exercises', ''],
  ['AT-3(5)', 'Processing Personally Identifiable Information', 'P'],
  ['AT-4', 'Training Records', 'LMHP'],
  ['AT-6', 'Training Feedback', ''],
];
