import type { Row } from '../harness.js';
import type { Stage } from '../stage.js';
import { assessmentRows } from './assessments.js';
import { edgeRows } from './edge.js';
import { incidentRows } from './incidents.js';
import { readingRows } from './reading.js';
import { startRows } from './start.js';

export function rowsOn(stage: Stage): Row[] {
  return [
    ...readingRows(stage),
    ...edgeRows(stage),
    ...assessmentRows(stage),
    ...incidentRows(stage),
    ...startRows(stage),
  ].sort((a, b) => a.id - b.id);
}
