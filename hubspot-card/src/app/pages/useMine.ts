import { useCallback, useEffect, useRef, useState } from 'react';
import { hubspot, logger } from '@hubspot/ui-extensions';
import type * as z from 'zod/mini';
import { Failure, PutAsideAnswer, ToDoAnswer, type PutAsideRequest, type ToDo } from './types';
import { words } from './words';

const TIMEOUT_MS = 10_000;

export type Mine =
  | { status: 'loading' }
  | { status: 'list'; isOwner: boolean; total: number; items: ToDo[] }
  | { status: 'refused'; message: string }
  | { status: 'broken' };

type Answer<Value> = { value: Value } | { refused: string } | null;

/** The list of whoever looks, and the way to put a lead aside; `failed` says why one was not. What
 *  Leadlight refuses has a reason, such as a lead that is gone: the list is read again. */
export function useMine(backendUrl: string) {
  const [mine, setMine] = useState<Mine>({ status: 'loading' });
  const [failed, setFailed] = useState('');
  const busy = useRef(false);
  const load = useCallback(() => {
    void ask(`${backendUrl}/card/mine`, ToDoAnswer).then((answer) => setMine(read(answer)));
  }, [backendUrl]);
  useEffect(load, [load]);
  const putAside = useCallback(
    (contactId: string, kind: PutAsideRequest['kind']) => {
      if (busy.current) {
        return;
      }
      busy.current = true;
      const body: PutAsideRequest = { contactId, kind };
      void ask(`${backendUrl}/card/aside`, PutAsideAnswer, body).then((answer) => {
        busy.current = false;
        setFailed(answer === null ? words.failed : 'refused' in answer ? answer.refused : '');
        if (answer !== null) {
          load();
        }
      });
    },
    [backendUrl, load],
  );
  return { mine, failed, load, putAside };
}

function read(answer: Answer<ToDoAnswer>): Mine {
  if (answer === null) {
    return { status: 'broken' };
  }
  if ('refused' in answer) {
    return { status: 'refused', message: answer.refused };
  }
  const { is_owner: isOwner, total, items } = answer.value;
  return { status: 'list', isOwner, total, items };
}

/** Through HubSpot's signing proxy; null where there is no answer that can be used. */
async function ask<Value>(
  url: string,
  shape: z.ZodMiniType<Value>,
  body?: Record<string, unknown>,
): Promise<Answer<Value>> {
  try {
    const response = await hubspot.fetch(
      url,
      body ? { method: 'POST', body, timeout: TIMEOUT_MS } : { timeout: TIMEOUT_MS },
    );
    const told: unknown = response.ok ? await response.json() : null;
    const found = shape.safeParse(told);
    if (found.success) {
      return { value: found.data };
    }
    const failure = Failure.safeParse(told);
    return failure.success ? { refused: failure.data.message } : null;
  } catch (error) {
    logger.warn(`backend cannot be reached: ${String(error)}`);
    return null;
  }
}
