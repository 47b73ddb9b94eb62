import { ac } from './ac.js';
import { at } from './at.js';
import { au } from './au.js';
import { ca } from './ca.js';
import { cm } from './cm.js';
import { cp } from './cp.js';
import { ia } from './ia.js';
import { ir } from './ir.js';
import { ma } from './ma.js';
import { mp } from './mp.js';
import { pe } from './pe.js';
import { pl } from './pl.js';
import { pm } from './pm.js';
import { ps } from './ps.js';
import { pt } from './pt.js';
import { ra } from './ra.js';
import { sa } from './sa.js';
import { sc } from './sc.js';
import { si } from './si.js';
import { sr } from './sr.js';
import type { Row } from './row.js';

export interface Family {
  key: string;
  title: string;
  /** What an assessor of this family asks to see. */
  evidence: string;
  rows: readonly Row[];
}

export const families: readonly Family[] = [
  {
    key: 'AC',
    title: 'Access Control',
    evidence:
      'Access rules, account lists with approvals and reviews, permission settings, samples of refused access.',
    rows: ac,
  },
  {
    key: 'AT',
    title: 'Awareness and Training',
    evidence: 'Training plan by role, attendance and test records, content of the courses.',
    rows: at,
  },
  {
    key: 'AU',
    title: 'Audit and Accountability',
    evidence:
      'Logging standard, configuration of event sources, samples of records, retention and protection settings.',
    rows: au,
  },
  {
    key: 'CA',
    title: 'Assessment, Authorization, and Monitoring',
    evidence: 'Assessment plans and reports, authorization decisions, monitoring strategy, plans of action.',
    rows: ca,
  },
  {
    key: 'CM',
    title: 'Configuration Management',
    evidence: 'Baselines, change records with approvals, inventories, reports of drift.',
    rows: cm,
  },
  {
    key: 'CP',
    title: 'Contingency Planning',
    evidence:
      'Contingency plan, results of exercises and restores with measured times, agreements for alternate sites.',
    rows: cp,
  },
  {
    key: 'IA',
    title: 'Identification and Authentication',
    evidence:
      'Identity and credential rules, sign-in settings, coverage of multi-factor authentication, life-cycle records.',
    rows: ia,
  },
  {
    key: 'IR',
    title: 'Incident Response',
    evidence: 'Response plan, incident records with timelines, exercise reports, proof of notification.',
    rows: ir,
  },
  {
    key: 'MA',
    title: 'Maintenance',
    evidence:
      'Maintenance schedule and records, approved tools and people, sessions from remote under control.',
    rows: ma,
  },
  {
    key: 'MP',
    title: 'Media Protection',
    evidence: 'Media register, marking and transport records, certificates of sanitization.',
    rows: mp,
  },
  {
    key: 'PE',
    title: 'Physical and Environmental Protection',
    evidence:
      'Access lists and logs of facilities, visitor records, inspections of power, fire and climate equipment.',
    rows: pe,
  },
  {
    key: 'PL',
    title: 'Planning',
    evidence:
      'System security and privacy plans, rules of behaviour with acknowledgements, architecture documents.',
    rows: pl,
  },
  {
    key: 'PM',
    title: 'Program Management',
    evidence:
      'Programme plan, appointed officials, risk strategy, measures of performance, inventory of systems.',
    rows: pm,
  },
  {
    key: 'PS',
    title: 'Personnel Security',
    evidence: 'Screening records, agreements, checklists for transfer and leaving, sanctions process.',
    rows: ps,
  },
  {
    key: 'PT',
    title: 'Personally Identifiable Information Processing and Transparency',
    evidence: 'Record of processing with authority and purpose, privacy notices, consent records.',
    rows: pt,
  },
  {
    key: 'RA',
    title: 'Risk Assessment',
    evidence: 'Risk assessments, vulnerability scans with remediation times, impact analyses.',
    rows: ra,
  },
  {
    key: 'SA',
    title: 'System and Services Acquisition',
    evidence:
      'Contracts with security requirements, development process, test and review results, supplier documentation.',
    rows: sa,
  },
  {
    key: 'SC',
    title: 'System and Communications Protection',
    evidence:
      'Network and boundary configuration, encryption and key management settings, separation of functions.',
    rows: sc,
  },
  {
    key: 'SI',
    title: 'System and Information Integrity',
    evidence:
      'Patch and flaw reports, protection against malicious code, monitoring alerts and their handling, integrity checks.',
    rows: si,
  },
  {
    key: 'SR',
    title: 'Supply Chain Risk Management',
    evidence: 'Supply chain plan, supplier assessments, records of origin, inspections, disposal.',
    rows: sr,
  },
];
