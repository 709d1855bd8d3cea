import { useCallback, useEffect, useState } from 'react';
import type { Backend, Problem } from '../api/client';
import { HistoryAnswer, type Failure, type History } from '../api/types';
import { useNewest } from './useNewest';

export type HistoryState =
  | { status: 'loading' }
  | { status: 'history'; history: History }
  | { status: 'refused'; failure: Failure }
  | { status: 'broken'; problem: Problem };

export type HistoryHook = { state: HistoryState; reload: () => void };

export function useHistory(backend: Backend, contactId: string): HistoryHook {
  const [state, setState] = useState<HistoryState>({ status: 'loading' });
  const take = useNewest(contactId);
  const reload = useCallback(() => {
    const ticket = take();
    void backend.get(`/card/history?contactId=${contactId}`, HistoryAnswer).then((answer) => {
      if (!ticket.isNewest()) {
        return;
      }
      if (answer.kind === 'ok') {
        setState({ status: 'history', history: answer.value.history });
      } else if (answer.kind === 'refused') {
        setState({ status: 'refused', failure: answer.failure });
      } else {
        setState({ status: 'broken', problem: answer.problem });
      }
    });
  }, [backend, contactId, take]);
  useEffect(() => {
    setState({ status: 'loading' });
    reload();
  }, [reload]);
  return { state, reload };
}
