import { useCallback, useEffect, useState } from 'react';
import type { Backend, Problem } from '../api/client';
import { AccountAnswer, type Account, type Failure } from '../api/types';
import { useNewest } from './useNewest';

export type AccountState =
  | { status: 'loading' }
  | { status: 'account'; account: Account }
  | { status: 'refused'; failure: Failure }
  | { status: 'broken'; problem: Problem };

export type AccountHook = { state: AccountState; reload: () => void };

export function useAccount(backend: Backend, companyId: string): AccountHook {
  const [state, setState] = useState<AccountState>({ status: 'loading' });
  const take = useNewest(companyId);
  const reload = useCallback(() => {
    const ticket = take();
    void backend.get(`/card/company?companyId=${companyId}`, AccountAnswer).then((answer) => {
      if (!ticket.isNewest()) {
        return;
      }
      if (answer.kind === 'ok') {
        setState({ status: 'account', account: answer.value.account });
      } else if (answer.kind === 'refused') {
        setState({ status: 'refused', failure: answer.failure });
      } else {
        setState({ status: 'broken', problem: answer.problem });
      }
    });
  }, [backend, companyId, take]);
  useEffect(() => {
    setState({ status: 'loading' });
    reload();
  }, [reload]);
  return { state, reload };
}
