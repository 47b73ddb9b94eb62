import { controlsOf } from '../control-rows.js';

export const governControls = [
  ...controlsOf('GV.OC', [
    ['GV.OC-01', 'Mission guides risk', 'The mission is understood and shapes how cybersecurity risk is managed.', 'How does the mission show in your risk decisions?', 'Strategy papers that name what must be protected and why.'],
    ['GV.OC-02', 'Needs of stakeholders', 'Internal and external stakeholders and what they expect are known and considered.', 'Who expects what of your cybersecurity?', 'Stakeholder list with expectations, customer and partner requirements.'],
    ['GV.OC-03', 'Law and contracts', 'Legal, regulatory and contractual duties, privacy among them, are known and managed.', 'Which duties bind you, and who keeps the list?', 'Register of obligations with owners and reviews.'],
    ['GV.OC-04', 'What others depend on', 'Services that outsiders depend on are known and it is told which are critical.', 'Which of your services would outsiders miss first?', 'Service catalogue with criticality, communications to customers.'],
    ['GV.OC-05', 'What we depend on', 'Outcomes and services that the organization depends on are known and told.', 'Without which outside services would you stand still?', 'Dependency map, supplier criticality.'],
  ]),
  ...controlsOf('GV.RM', [
    ['GV.RM-01', 'Risk objectives', 'Objectives of risk management are set and agreed by stakeholders.', 'What are the objectives, and who agreed?', 'Approved objectives, minutes.'],
    ['GV.RM-02', 'Appetite and tolerance', 'Risk appetite and tolerance are stated, told and kept current.', 'How much risk is too much?', 'Appetite statement with figures, approval date.'],
    ['GV.RM-03', 'Part of enterprise risk', 'Cybersecurity risk is part of the management of all risks.', 'How do cyber risks reach the enterprise register?', 'Enterprise register with cyber entries, committee papers.'],
    ['GV.RM-04', 'Strategic responses', 'Direction on suitable kinds of risk response is set and told.', 'When may a risk be accepted, transferred or avoided?', 'Response policy, examples of decisions.'],
    ['GV.RM-05', 'Lines of communication', 'Ways to talk about cyber risk across the organization exist, suppliers included.', 'How does news of a risk travel to those who decide?', 'Reporting lines, regular reports.'],
    ['GV.RM-06', 'One method', 'Risks are calculated, recorded, sorted and ranked by one method that is told.', 'By which method do you rate a risk?', 'Method description, scales, rated register.'],
    ['GV.RM-07', 'Opportunities', 'Positive risks are described and part of the discussion.', 'Which opportunities were weighed against risk?', 'Decision papers that name chances as well as dangers.'],
  ]),
  ...controlsOf('GV.RR', [
    ['GV.RR-01', 'Leadership answers', 'Leaders answer for cyber risk and foster a culture that is aware and improves.', 'Who at the top answers for cyber risk?', 'Board mandate, leadership messages, agenda items.'],
    ['GV.RR-02', 'Roles and authority', 'Roles, duties and authority are set, told, understood and enforced.', 'Who may decide what in cybersecurity?', 'Role matrix, appointment letters.'],
    ['GV.RR-03', 'Resources', 'Resources match the risk strategy, roles and policies.', 'Are money and people enough for what was decided?', 'Budget, staffing plan, gap analysis.'],
    ['GV.RR-04', 'Human resources', 'Cybersecurity is part of personnel practice.', 'What happens at hiring, change and leaving?', 'Screening, onboarding and leaver records.'],
  ]),
  ...controlsOf('GV.PO', [
    ['GV.PO-01', 'Policy in force', 'Policy follows from context, strategy and priorities, is told and enforced.', 'Which policy applies, and how is it enforced?', 'Approved policy, acknowledgements, exceptions.'],
    ['GV.PO-02', 'Policy kept current', 'Policy is reviewed, updated and told again when needs, threats, technology or mission change.', 'When and why was the policy last changed?', 'Version history, review minutes.'],
  ]),
  ...controlsOf('GV.OV', [
    ['GV.OV-01', 'Strategy reviewed', 'Results of the risk strategy are reviewed and adjust its direction.', 'What did the last review of the strategy change?', 'Review papers, changed objectives.'],
    ['GV.OV-02', 'Coverage reviewed', 'The strategy is reviewed so that it covers requirements and risks.', 'Which requirements are not covered yet?', 'Coverage analysis against obligations and risks.'],
    ['GV.OV-03', 'Performance measured', 'Performance in managing risk is measured and corrected.', 'Which figures tell you whether it works?', 'Metrics with targets, actions on misses.'],
  ]),
  ...controlsOf('GV.SC', [
    ['GV.SC-01', 'Supply chain programme', 'A programme, strategy and policies for supply chain risk are agreed.', 'How is supply chain risk organized?', 'Programme charter, policies.'],
    ['GV.SC-02', 'Roles along the chain', 'Roles of suppliers, customers and partners are set and coordinated.', 'Which duties lie with the supplier, which with you?', 'Responsibility matrices, contract annexes.'],
    ['GV.SC-03', 'Part of risk management', 'Supply chain risk is part of cyber and enterprise risk management.', 'Where do vendor risks stand in your register?', 'Register entries for suppliers, reports.'],
    ['GV.SC-04', 'Suppliers ranked', 'Suppliers are known and ranked by criticality.', 'Which suppliers are critical, and why?', 'Supplier inventory with tiers and criteria.'],
    ['GV.SC-05', 'Requirements in contracts', 'Requirements on cyber risk are set, ranked and part of contracts.', 'What do you demand of a critical supplier?', 'Clause library, signed contracts.'],
    ['GV.SC-06', 'Before signing', 'Planning and due diligence precede formal relations.', 'What is checked before a contract is signed?', 'Due diligence reports, approvals.'],
    ['GV.SC-07', 'During the relation', 'Risks of a supplier are recorded, ranked, answered and watched while the relation lasts.', 'How do you watch a supplier between reviews?', 'Periodic assessments, monitoring alerts, follow-up.'],
    ['GV.SC-08', 'Suppliers in incidents', 'Relevant suppliers take part in planning, response and recovery.', 'Which suppliers sit in your exercises?', 'Joint plans, exercise reports, contact lists.'],
    ['GV.SC-09', 'Product life cycle', 'Supply chain practice is watched through the life of products and services.', 'How is origin and integrity assured until retirement?', 'Bills of materials, verification records.'],
    ['GV.SC-10', 'After the end', 'Plans cover what follows the end of a partnership or agreement.', 'What happens to data and access when a contract ends?', 'Exit plans, return and deletion confirmations.'],
  ]),
]; // prettier-ignore
