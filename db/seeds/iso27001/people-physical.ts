import { controlsOf } from '../control-rows.js';

/** A.6: people. */
export const peopleControls = controlsOf('A.6', [
  ['A.6.1', 'Checks before hiring', 'Candidates are checked before they start, in proportion to their role and as law allows.', 'Which checks precede access, and are they repeated?', 'Screening policy, records for a sample of recent hires.'],
  ['A.6.2', 'Terms of employment', 'Contracts state the duties of both sides for security.', 'What does a contract say on security?', 'Contract template, signed samples.'],
  ['A.6.3', 'Awareness and training', 'People get awareness, education and training that suits their job, again and again.', 'Who was trained in what during the last year?', 'Training plan, attendance, test results, content by role.'],
  ['A.6.4', 'Consequences of breaches', 'There is a formal and known process for breaches of the policies.', 'What follows upon a deliberate breach?', 'Process document, proof that staff know it, anonymized cases.'],
  ['A.6.5', 'Duties after leaving', 'Duties that outlast employment are defined, told and enforced.', 'Which duties remain after the last day?', 'Exit letters, confidentiality clauses.'],
  ['A.6.6', 'Confidentiality agreements', 'Agreements on secrecy fit the needs, are signed and reviewed.', 'Who has to sign, and has everyone?', 'Template, signed agreements, review record.'],
  ['A.6.7', 'Remote work', 'Work outside the premises is protected by measures of its own.', 'How is information protected at home and on the road?', 'Remote-work policy, device settings, encrypted connections.'],
  ['A.6.8', 'Reporting events', 'People can report what they observe quickly and by a known way.', 'How does an employee report something strange, and how fast is it seen?', 'Reporting channel, statistics, examples with times.'],
]); // prettier-ignore

/** A.7: premises and equipment. */
export const physicalControls = controlsOf('A.7', [
  ['A.7.1', 'Perimeters', 'Areas that hold information are bounded by defined and sound perimeters.', 'Where does the protected area begin, and what guards its edge?', 'Floor plans with zones, construction and alarm records.'],
  ['A.7.2', 'Entry', 'Protected areas are entered through controlled points only.', 'Who may enter, and how is each entry recorded?', 'Access lists, badge logs, visitor book, reviews.'],
  ['A.7.3', 'Offices and rooms', 'Offices, rooms and facilities are secured by design.', 'How are rooms with sensitive work protected?', 'Design description, walk-through notes.'],
  ['A.7.4', 'Watching premises', 'Premises are monitored for unauthorized entry all the time.', 'Who would notice an intruder at night?', 'Camera and alarm coverage, monitoring contract, alarm records.'],
  ['A.7.5', 'Environmental threats', 'Protection against fire, water, weather and the like is designed and in place.', 'Against which physical threats are you protected?', 'Risk assessment of sites, inspection certificates.'],
  ['A.7.6', 'Work in secure areas', 'Rules for working in secure areas are set and kept.', 'What is forbidden inside the secure area?', 'Rules, supervision records, notices.'],
  ['A.7.7', 'Clear desk and screen', 'Papers and media are locked away and screens lock.', 'What would a walk at night find?', 'Policy, lock settings, results of walk-throughs.'],
  ['A.7.8', 'Placing equipment', 'Equipment stands where it is safe from damage and prying.', 'How was the place of critical equipment chosen?', 'Site description, environmental monitoring.'],
  ['A.7.9', 'Assets off premises', 'What is taken outside is protected there.', 'Which devices leave the site, and how are they secured?', 'Device list, encryption status, loss reports.'],
  ['A.7.10', 'Care of media', 'Media are managed from purchase through use and transport to disposal.', 'How are media tracked and destroyed?', 'Media register, transport receipts, destruction certificates.'],
  ['A.7.11', 'Utilities', 'Failures of power, cooling and lines do not stop processing.', 'What happens when the power fails?', 'Supply redundancy, test records of UPS and generator.'],
  ['A.7.12', 'Cabling', 'Cables are protected from tapping, disturbance and damage.', 'How are cables and cabinets protected?', 'Cabling plans, locked cabinets, inspection notes.'],
  ['A.7.13', 'Maintenance', 'Equipment is maintained so that it stays correct and available.', 'Who maintains what, how often, under which control?', 'Maintenance plan and records, supervision of technicians.'],
  ['A.7.14', 'Disposal and reuse', 'Nothing leaves or is reused before data and licensed software are gone.', 'How do you prove that a disk was wiped?', 'Wiping procedure, certificates by serial number.'],
]); // prettier-ignore
