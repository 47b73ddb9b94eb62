import { defineQuery } from '@temporalio/workflow';
import type { OrgRef } from '../../activities/orgs/types.js';

export interface OrgDeletionInput extends OrgRef {
  /** Nothing is purged before; the database refuses it too. */
  purge_at: string;
}

export interface OrgDeletionOutcome {
  status: 'purged';
  rows: number;
  objects: number;
  workflows: number;
}

export type DeletionPhase = 'cancelling' | 'waiting' | 'purging' | 'purged';

export interface OrgDeletionView {
  phase: DeletionPhase;
  purge_at: string;
}

export const deletionQuery = defineQuery<OrgDeletionView>('deletion');
