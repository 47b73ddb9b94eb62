/** Where operators watch runs. */
export interface WebUi {
  url: string;
  namespace: string;
}

export interface WorkflowLink {
  id: string;
  run_id: string | null;
  url: string;
}

/** The address of a run in the Temporal Web UI; of its latest one while the run is not known. */
export function workflowLink({ url, namespace }: WebUi, id: string, run_id: string | null): WorkflowLink {
  const base = `${url}/namespaces/${namespace}/workflows/${encodeURIComponent(id)}`;
  return { id, run_id, url: run_id === null ? base : `${base}/${run_id}/history` };
}
