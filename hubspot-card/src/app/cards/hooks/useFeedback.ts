import { useCallback, useRef, useState } from 'react';
import type { Backend } from '../api/client';
import { FeedbackAnswer, type FeedbackRequest, type Lead, type Opinion } from '../api/types';

export type Reason = Exclude<Opinion['reason'], ''>;
export type FeedbackState = 'idle' | 'sending' | 'failed';
export type FeedbackHook = {
  state: FeedbackState;
  send: (agrees: boolean, reason: Reason | '', comment: string) => void;
};

/** Stores the rep's word; one at a time, the newest stands. */
export function useFeedback(
  backend: Backend,
  lead: Lead,
  onStored: (feedback: Opinion) => void,
): FeedbackHook {
  const [state, setState] = useState<FeedbackState>('idle');
  const busy = useRef(false);
  const { contact_id: contactId, score } = lead;
  const send = useCallback(
    (agrees: boolean, reason: Reason | '', comment: string) => {
      if (busy.current) {
        return;
      }
      busy.current = true;
      setState('sending');
      const body: FeedbackRequest = { contactId, agrees, reason, score, comment };
      void backend.post('/card/feedback', body, FeedbackAnswer).then((answer) => {
        busy.current = false;
        setState(answer.kind === 'ok' ? 'idle' : 'failed');
        if (answer.kind === 'ok') {
          onStored(answer.value.feedback);
        }
      });
    },
    [backend, contactId, score, onStored],
  );
  return { state, send };
}
