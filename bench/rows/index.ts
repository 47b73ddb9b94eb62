import type { Row } from '../harness.js';
import type { Stage } from '../stage.js';
import { assessmentRows } from './assessments.js';
import { besideReportRows } from './beside-report.js';
import { edgeRows } from './edge.js';
import { evidenceRows } from './evidence.js';
import { executionRows } from './executing.js';
import { frameworkRows } from './frameworks.js';
import { incidentRows } from './incidents.js';
import { readingRows } from './reading.js';
import { reportRows } from './reports.js';
import { riskRows } from './risks.js';
import { startRows } from './start.js';

export function rowsOn(stage: Stage): Row[] {
  return [
    ...readingRows(stage),
    ...edgeRows(stage),
    ...frameworkRows(stage),
    ...assessmentRows(stage),
    ...executionRows(stage),
    ...incidentRows(stage),
    ...riskRows(stage),
    ...besideReportRows(stage),
    ...evidenceRows(stage),
    ...reportRows(),
    ...startRows(stage),
  ].sort((a, b) => a.id - b.id);
}
