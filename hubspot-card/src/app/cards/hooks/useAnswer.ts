import { useCallback, useEffect, useState } from 'react';
import type * as z from 'zod/mini';
import type { Backend, Problem } from '../api/client';
import type { Failure } from '../api/types';
import { useNewest } from './useNewest';

export type AnswerState<Value> =
  | { status: 'loading' }
  | { status: 'known'; value: Value }
  | { status: 'refused'; failure: Failure }
  | { status: 'broken'; problem: Problem };

export type AnswerHook<Value> = { state: AnswerState<Value>; reload: () => void };

/** What the backend says at a path; reads anew when the path changes. */
export function useAnswer<Value>(
  backend: Backend,
  path: string,
  shape: z.ZodMiniType<Value>,
): AnswerHook<Value> {
  const [state, setState] = useState<AnswerState<Value>>({ status: 'loading' });
  const take = useNewest(path);
  const reload = useCallback(() => {
    const ticket = take();
    void backend.get(path, shape).then((answer) => {
      if (!ticket.isNewest()) {
        return;
      }
      if (answer.kind === 'ok') {
        setState({ status: 'known', value: answer.value });
      } else if (answer.kind === 'refused') {
        setState({ status: 'refused', failure: answer.failure });
      } else {
        setState({ status: 'broken', problem: answer.problem });
      }
    });
  }, [backend, path, shape, take]);
  useEffect(() => {
    setState({ status: 'loading' });
    reload();
  }, [reload]);
  return { state, reload };
}
