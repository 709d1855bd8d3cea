import { useCallback, useEffect, useRef, useState } from 'react';
import type { Backend } from '../api/client';
import {
  RescoreAnswer,
  RescoreStateAnswer,
  type Failure,
  type RescoreRequest,
} from '../api/types';

const POLL_MS = 600;
const POLLS_MAX = 100;
const FAILED_POLLS_MAX = 3;

export type RescoreState =
  | { status: 'idle' }
  | { status: 'running'; stage: 'asking' | 'queued' | 'scoring' }
  | { status: 'finished'; outcome: 'changed' | 'unchanged' | 'ineligible' | 'failed' | 'slow' }
  | { status: 'refused'; failure: Failure }
  | { status: 'unreachable' };

export type RescoreHook = { state: RescoreState; start: () => void };

/**
 * Asks for a rescore and follows it by its id. One runs at a time; "unchanged" is an end like any
 * other. `onEnd` is awaited before the end is shown, so that score and verdict change together.
 */
export function useRescore(
  backend: Backend,
  contactId: string,
  onEnd: () => Promise<unknown>,
): RescoreHook {
  const [state, setState] = useState<RescoreState>({ status: 'idle' });
  const run = useRef(0);
  const busy = useRef(false);

  useEffect(() => {
    setState({ status: 'idle' });
    return () => {
      run.current += 1;
      busy.current = false;
    };
  }, [contactId]);

  const start = useCallback(() => {
    if (busy.current) {
      return;
    }
    busy.current = true;
    const mine = ++run.current;
    const isMine = () => run.current === mine;
    const show = (next: RescoreState) => {
      if (isMine()) {
        setState(next);
      }
    };
    void follow(backend, contactId, show, isMine).then(async (end) => {
      await onEnd();
      if (isMine()) {
        busy.current = false;
      }
      show(end);
    });
  }, [backend, contactId, onEnd]);

  return { state, start };
}

async function follow(
  backend: Backend,
  contactId: string,
  show: (state: RescoreState) => void,
  isMine: () => boolean,
): Promise<RescoreState> {
  show({ status: 'running', stage: 'asking' });
  const body: RescoreRequest = { contactId };
  const asked = await backend.post('/card/rescore', body, RescoreAnswer);
  if (asked.kind === 'refused') {
    return { status: 'refused', failure: asked.failure };
  }
  if (asked.kind === 'broken') {
    return { status: 'unreachable' };
  }
  let failures = 0;
  for (let poll = 0; poll < POLLS_MAX && isMine(); poll += 1) {
    const path = `/card/rescore/${asked.value.rescore_id}`;
    const answer = await backend.get(path, RescoreStateAnswer);
    if (answer.kind !== 'ok') {
      failures += 1;
      if (failures >= FAILED_POLLS_MAX) {
        return { status: 'unreachable' };
      }
    } else if (answer.value.state !== 'waiting') {
      return { status: 'finished', outcome: answer.value.state };
    } else {
      const { stage } = answer.value;
      show({ status: 'running', stage: stage === 'done' ? 'scoring' : stage });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { status: 'finished', outcome: 'slow' };
}
