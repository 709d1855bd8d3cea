import { useCallback, useRef, useState } from 'react';
import type { Backend } from '../api/client';
import { PinAnswer, type Lead, type PinRequest } from '../api/types';
import { words } from '../words';

export type PinHook = {
  sending: boolean;
  /** Why nothing was set, in words; '' while nothing went wrong. */
  problem: string;
  send: (kind: PinRequest['kind'], days: number, reason: string) => void;
};

/** Sets the lead by hand or withdraws that; the score follows by itself. */
export function usePin(
  backend: Backend,
  contactId: string,
  onSet: (pin: Lead['pin']) => void,
): PinHook {
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState('');
  const busy = useRef(false);
  const send = useCallback(
    (kind: PinRequest['kind'], days: number, reason: string) => {
      if (busy.current) {
        return;
      }
      busy.current = true;
      setSending(true);
      setProblem('');
      const body: PinRequest = { contactId, kind, days, reason };
      void backend.post('/card/pin', body, PinAnswer).then((answer) => {
        busy.current = false;
        setSending(false);
        if (answer.kind === 'ok') {
          onSet(answer.value.pin);
        } else {
          setProblem(answer.kind === 'refused' ? answer.failure.message : words.pin.unreachable);
        }
      });
    },
    [backend, contactId, onSet],
  );
  return { sending, problem, send };
}
