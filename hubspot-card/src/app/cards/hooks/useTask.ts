import { useCallback, useRef, useState } from 'react';
import type { Backend } from '../api/client';
import { TaskAnswer, type Lead, type TaskRequest } from '../api/types';
import { words } from '../words';

export type TaskHook = {
  sending: boolean;
  /** Why there is no task, in words; '' while nothing went wrong. */
  problem: string;
  create: () => void;
};

/** Asks for the lead's task; the backend makes one and names it again to whoever asks twice. */
export function useTask(
  backend: Backend,
  contactId: string,
  onMade: (task: Lead['task']) => void,
): TaskHook {
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState('');
  const busy = useRef(false);
  const create = useCallback(() => {
    if (busy.current) {
      return;
    }
    busy.current = true;
    setSending(true);
    setProblem('');
    const body: TaskRequest = { contactId };
    void backend.post('/card/task', body, TaskAnswer).then((answer) => {
      busy.current = false;
      setSending(false);
      if (answer.kind === 'ok') {
        onMade(answer.value.task);
      } else {
        setProblem(answer.kind === 'refused' ? answer.failure.message : words.task.unreachable);
      }
    });
  }, [backend, contactId, onMade]);
  return { sending, problem, create };
}
