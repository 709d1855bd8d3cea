import { hubspot, logger } from '@hubspot/ui-extensions';
import type * as z from 'zod/mini';
import { Failure } from './types';

/** HubSpot gives up after 15 s; a rep should not wait that long for stored data. */
const TIMEOUT_MS = 10_000;

/** Why there is no answer: the app may not ask, knows no such contact, or cannot be reached. */
export type Problem = 'no_permission' | 'unknown_contact' | 'unavailable';

export type Result<Value> =
  | { kind: 'ok'; value: Value }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'broken'; problem: Problem };

export type Backend = {
  get: <Value>(path: string, shape: z.ZodMiniType<Value>) => Promise<Result<Value>>;
  post: <Value>(
    path: string,
    body: Record<string, unknown>,
    shape: z.ZodMiniType<Value>,
  ) => Promise<Result<Value>>;
};

/** Talks to the backend through HubSpot's signing proxy; never throws. */
export function backendAt(baseUrl: string): Backend {
  return {
    get: (path, shape) => ask(() => hubspot.fetch(baseUrl + path, { timeout: TIMEOUT_MS }), shape),
    post: (path, body, shape) =>
      ask(
        () => hubspot.fetch(baseUrl + path, { method: 'POST', body, timeout: TIMEOUT_MS }),
        shape,
      ),
  };
}

async function ask<Value>(
  send: () => Promise<Response>,
  shape: z.ZodMiniType<Value>,
): Promise<Result<Value>> {
  try {
    const response = await send();
    if (!response.ok) {
      logger.warn(`backend answered ${response.status}`);
      return { kind: 'broken', problem: problemOf(response.status) };
    }
    return read(await response.json(), shape);
  } catch (error) {
    logger.warn(`backend cannot be reached: ${String(error)}`);
    return { kind: 'broken', problem: 'unavailable' };
  }
}

function read<Value>(answer: unknown, shape: z.ZodMiniType<Value>): Result<Value> {
  const found = shape.safeParse(answer);
  if (found.success) {
    return { kind: 'ok', value: found.data };
  }
  const failure = Failure.safeParse(answer);
  if (failure.success) {
    return { kind: 'refused', failure: failure.data };
  }
  logger.error(`unexpected answer at ${found.error.issues[0]?.path.join('.') ?? '?'}`);
  return { kind: 'broken', problem: 'unavailable' };
}

function problemOf(status: number): Problem {
  if (status === 401 || status === 403) {
    return 'no_permission';
  }
  return status === 404 ? 'unknown_contact' : 'unavailable';
}
