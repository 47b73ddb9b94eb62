import type { Catalogue } from '../../../domain/frameworks/catalogue.js';
import { detectControls, recoverControls, respondControls } from './detect-respond-recover.js';
import { governControls } from './govern.js';
import { identifyControls } from './identify.js';
import { protectControls } from './protect.js';

export const csf: Catalogue = {
  key: 'NIST_CSF_2',
  name: 'NIST Cybersecurity Framework',
  version: '2.0',
  description: 'Outcomes by function and category',
  source: 'NIST CSWP 29, The NIST Cybersecurity Framework (CSF) 2.0, February 2024',
  licence_note:
    'A work of the United States government, in the public domain. Numbers are its own; titles, descriptions, questions and guidance are in our words.',
  groups: [
    { key: 'GV.OC', title: 'Govern: organizational context' },
    { key: 'GV.RM', title: 'Govern: risk management strategy' },
    { key: 'GV.RR', title: 'Govern: roles, responsibilities, authorities' },
    { key: 'GV.PO', title: 'Govern: policy' },
    { key: 'GV.OV', title: 'Govern: oversight' },
    { key: 'GV.SC', title: 'Govern: supply chain risk management' },
    { key: 'ID.AM', title: 'Identify: asset management' },
    { key: 'ID.RA', title: 'Identify: risk assessment' },
    { key: 'ID.IM', title: 'Identify: improvement' },
    { key: 'PR.AA', title: 'Protect: identity, authentication, access' },
    { key: 'PR.AT', title: 'Protect: awareness and training' },
    { key: 'PR.DS', title: 'Protect: data security' },
    { key: 'PR.PS', title: 'Protect: platform security' },
    { key: 'PR.IR', title: 'Protect: infrastructure resilience' },
    { key: 'DE.CM', title: 'Detect: continuous monitoring' },
    { key: 'DE.AE', title: 'Detect: adverse event analysis' },
    { key: 'RS.MA', title: 'Respond: incident management' },
    { key: 'RS.AN', title: 'Respond: incident analysis' },
    { key: 'RS.CO', title: 'Respond: reporting and communication' },
    { key: 'RS.MI', title: 'Respond: mitigation' },
    { key: 'RC.RP', title: 'Recover: plan execution' },
    { key: 'RC.CO', title: 'Recover: communication' },
  ],
  controls: [
    ...governControls,
    ...identifyControls,
    ...protectControls,
    ...detectControls,
    ...respondControls,
    ...recoverControls,
  ],
};
