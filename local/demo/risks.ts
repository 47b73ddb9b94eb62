// The risk register of the demo organization, entered through the public API before its assessment: the findings move it.
import { heatmap, riskDetail, riskPage, type Risk } from '../../domain/risks/schema.js';
import { APPETITES } from '../../domain/risks/rules.js';
import { userPage } from '../../domain/users/schema.js';
import { apiClient, type ApiClient } from './client.js';
import { DEMO_RISKS, type DemoRisk } from './risk-list.js';

const DAY_MS = 86_400_000;

export interface DemoRisksOptions {
  base_url: string;
  org_id: string;
  /** Of somebody who may write, and who calls for little else: callers have their limit. */
  token: () => Promise<string>;
  signal: AbortSignal;
}

/** @returns how many were not there yet */
export async function enterDemoRisks({ base_url, org_id, token, signal }: DemoRisksOptions): Promise<number> {
  const api = apiClient(base_url, token);
  const path = `/orgs/${org_id}/risks`;
  const present = new Set((await register(api, path)).map(({ title }) => title));
  const missing = DEMO_RISKS.filter(({ title }) => !present.has(title));
  if (missing.length === 0) return 0;
  const { items } = await api.get(`/orgs/${org_id}/users?limit=200`, userPage);
  const owners = new Map(items.map(({ role, id }) => [role, id]));
  for (const risk of missing) {
    signal.throwIfAborted();
    await enterOne(api, path, risk, owners.get(risk.owner) ?? null);
  }
  return missing.length;
}

async function register(api: ApiClient, path: string): Promise<Risk[]> {
  return (await api.get(`${path}?limit=200`, riskPage)).items;
}

async function enterOne(
  api: ApiClient,
  path: string,
  risk: DemoRisk,
  owner_id: string | null,
): Promise<void> {
  const { since, inherent, owner: _role, control_refs, ...words } = risk;
  const [likelihood, impact] = inherent;
  const refs = control_refs.map((ref) => `SOC2_TYPE2:${ref}`);
  const { id } = await api.post(
    path,
    { ...words, likelihood, impact, owner_id, control_refs: refs },
    riskDetail,
  );
  if (!since) return;
  const { status, residual, acceptance } = since;
  await api.put(
    `${path}/${id}`,
    {
      status,
      ...(residual && { residual_likelihood: residual[0], residual_impact: residual[1] }),
      ...(acceptance && {
        acceptance: {
          reason: acceptance.reason,
          expires_at:
            acceptance.expires_in_days === undefined
              ? null
              : new Date(Date.now() + acceptance.expires_in_days * DAY_MS).toISOString(),
        },
      }),
    },
    riskDetail,
  );
}

/** What the assessment has made of them, in a line, and where to see it. */
export async function riskLines({ base_url, org_id, token }: DemoRisksOptions): Promise<string[]> {
  const api = apiClient(base_url, token);
  const path = `/orgs/${org_id}/risks`;
  const risks = await register(api, path);
  const { total } = await api.get(`${path}/heatmap`, heatmap);
  const moved = risks.filter(({ controls_judged }) => controls_judged > 0).length;
  const counts = APPETITES.toReversed()
    .map((appetite) => `${appetite} ${String(risks.filter((risk) => risk.appetite === appetite).length)}`)
    .join(' · ');
  return [
    '',
    `  Risks: ${String(risks.length)}, ${String(total)} of them open, ${String(moved)} judged by the assessment`,
    `  ${counts}`,
    `  Heatmap      ${base_url}/api/v1${path}/heatmap?format=svg`,
  ];
}
