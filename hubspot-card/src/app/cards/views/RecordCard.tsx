import { EmptyState, Text } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';
import type * as z from 'zod/mini';
import { useAnswer } from '../hooks/useAnswer';
import { useHere } from '../hooks/useHere';
import { words } from '../words';
import { Broken, Disconnected, Loading } from './States';

type Props<Value> = {
  /** Where the record's answer is, from its id. */
  path: (objectId: string) => string;
  shape: z.ZodMiniType<Value>;
  /** What an empty card is titled. */
  none: string;
  testId: string;
  draw: (value: Value, timezone: string) => ReactNode;
};

/** The card of a record that is only read: loading, out of reach, nothing to show, or its view. */
export function RecordCard<Value>({ path, shape, none, testId, draw }: Props<Value>) {
  const { backend, objectId, timezone } = useHere();
  const { state, reload } = useAnswer(backend, path(objectId), shape);
  switch (state.status) {
    case 'loading':
      return <Loading label={words.loading} />;
    case 'broken':
      return <Broken problem={state.problem} onRetry={reload} />;
    case 'known':
      return draw(state.value, timezone);
    case 'refused':
      return state.failure.code === 'disconnected' ? (
        <Disconnected message={state.failure.message} />
      ) : (
        <EmptyState title={none} layout="vertical" imageName="contacts" flush testId={testId}>
          <Text>{state.failure.message}</Text>
        </EmptyState>
      );
  }
}
