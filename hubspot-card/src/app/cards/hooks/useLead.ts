import { useCallback, useEffect, useState } from 'react';
import type { Backend, Problem } from '../api/client';
import { LeadAnswer, type Failure, type Lead } from '../api/types';
import { useNewest } from './useNewest';

/** How often the card looks again while the lead is being scored, and for how long at most. */
const LOOK_AGAIN_MS = 1_500;
const LOOKS_MAX = 60;
/** A change in the record takes a moment to arrive; once it has, the card looks again by itself. */
const WATCH_AFTER_MS = [500, 1_500, 3_000, 5_000, 8_000, 12_000];
/** An open card follows what happens elsewhere (a reply, a colleague) for ten minutes. */
const IDLE_LOOK_MS = 15_000;
const IDLE_LOOKS_MAX = 40;

export type LeadState =
  | { status: 'loading' }
  | { status: 'lead'; lead: Lead; stale: boolean }
  | { status: 'refused'; failure: Failure }
  | { status: 'broken'; problem: Problem };

export type LeadHook = {
  state: LeadState;
  /** Reads again; resolves to the lead, or null when it could not be read. */
  reload: () => Promise<Lead | null>;
  /** Something changed in the record: looks again until the score follows. */
  expectChange: () => void;
  setFeedback: (feedback: Lead['feedback']) => void;
  setTask: (task: Lead['task']) => void;
  setPin: (pin: Lead['pin']) => void;
};

export function useLead(backend: Backend, contactId: string): LeadHook {
  const [state, setState] = useState<LeadState>({ status: 'loading' });
  const [looksLeft, setLooksLeft] = useState(LOOKS_MAX);
  const take = useNewest(contactId);

  const reload = useCallback(async () => {
    const ticket = take();
    const answer = await backend.get(`/card/lead?contactId=${contactId}`, LeadAnswer);
    if (!ticket.isNewest()) {
      return null;
    }
    if (answer.kind === 'ok') {
      setState({ status: 'lead', lead: answer.value.lead, stale: false });
      return answer.value.lead;
    }
    setState((before) => {
      if (answer.kind === 'refused') {
        return { status: 'refused', failure: answer.failure };
      }
      // What is known stays on screen: an outage must not take the score away.
      return before.status === 'lead'
        ? { ...before, stale: true }
        : { status: 'broken', problem: answer.problem };
    });
    return null;
  }, [backend, contactId, take]);

  useEffect(() => {
    setState({ status: 'loading' });
    void reload();
  }, [reload]);

  const waiting = isWaiting(state);
  useEffect(() => {
    if (!waiting) {
      setLooksLeft(LOOKS_MAX);
      return undefined;
    }
    if (looksLeft <= 0) {
      return undefined;
    }
    const timer = setTimeout(() => {
      void reload().finally(() => setLooksLeft((left) => left - 1));
    }, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [waiting, looksLeft, reload]);

  useEffect(() => {
    let looks = 0;
    const timer = setInterval(() => {
      looks += 1;
      if (looks <= IDLE_LOOKS_MAX) {
        void reload();
      }
    }, IDLE_LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);

  const [watches, setWatches] = useState(0);
  const expectChange = useCallback(() => setWatches((count) => count + 1), []);
  useEffect(() => {
    if (watches === 0) {
      return undefined;
    }
    const timers = WATCH_AFTER_MS.map((delay) => setTimeout(() => void reload(), delay));
    return () => timers.forEach((timer) => clearTimeout(timer));
  }, [watches, reload]);

  const setFeedback = useCallback((feedback: Lead['feedback']) => {
    setState((now) => (now.status === 'lead' ? { ...now, lead: { ...now.lead, feedback } } : now));
  }, []);

  const setTask = useCallback((task: Lead['task']) => {
    setState((now) => (now.status === 'lead' ? { ...now, lead: { ...now.lead, task } } : now));
  }, []);

  const setPin = useCallback((pin: Lead['pin']) => {
    setState((now) => (now.status === 'lead' ? { ...now, lead: { ...now.lead, pin } } : now));
  }, []);

  return { state, reload, expectChange, setFeedback, setTask, setPin };
}

function isWaiting(state: LeadState): boolean {
  if (state.status === 'lead') {
    return state.lead.rescoring;
  }
  return state.status === 'refused' && state.failure.code === 'scoring';
}
