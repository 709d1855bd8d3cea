import { useCallback, useEffect, useState } from 'react';
import type { Backend, Problem } from '../api/client';
import { DealAnswer, type Deal, type Failure } from '../api/types';
import { useNewest } from './useNewest';

export type DealState =
  | { status: 'loading' }
  | { status: 'deal'; deal: Deal }
  | { status: 'refused'; failure: Failure }
  | { status: 'broken'; problem: Problem };

export type DealHook = { state: DealState; reload: () => void };

export function useDeal(backend: Backend, dealId: string): DealHook {
  const [state, setState] = useState<DealState>({ status: 'loading' });
  const take = useNewest(dealId);
  const reload = useCallback(() => {
    const ticket = take();
    void backend.get(`/card/deal?dealId=${dealId}`, DealAnswer).then((answer) => {
      if (!ticket.isNewest()) {
        return;
      }
      if (answer.kind === 'ok') {
        setState({ status: 'deal', deal: answer.value.deal });
      } else if (answer.kind === 'refused') {
        setState({ status: 'refused', failure: answer.failure });
      } else {
        setState({ status: 'broken', problem: answer.problem });
      }
    });
  }, [backend, dealId, take]);
  useEffect(() => {
    setState({ status: 'loading' });
    reload();
  }, [reload]);
  return { state, reload };
}
