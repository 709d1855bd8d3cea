import { EmptyState, hubspot, Text } from '@hubspot/ui-extensions';
import { useDeal } from './hooks/useDeal';
import { useHere } from './hooks/useHere';
import { DealView } from './views/DealView';
import { Broken, Disconnected, Loading } from './views/States';
import { words } from './words';

hubspot.extend<'crm.record.sidebar'>(() => <DealScoreCard />);

/** The deal's sidebar: its contacts' scores when it was created, and now. */
export function DealScoreCard() {
  const { backend, objectId, timezone } = useHere();
  const { state, reload } = useDeal(backend, objectId);
  switch (state.status) {
    case 'loading':
      return <Loading label={words.loading} />;
    case 'broken':
      return <Broken problem={state.problem} onRetry={reload} />;
    case 'deal':
      return <DealView deal={state.deal} timezone={timezone} />;
    case 'refused':
      return state.failure.code === 'disconnected' ? (
        <Disconnected message={state.failure.message} />
      ) : (
        <EmptyState
          title={words.deal.none}
          layout="vertical"
          imageName="contacts"
          flush
          testId="no-deal"
        >
          <Text>{state.failure.message}</Text>
        </EmptyState>
      );
  }
}
