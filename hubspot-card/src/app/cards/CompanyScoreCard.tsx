import { EmptyState, hubspot, Text } from '@hubspot/ui-extensions';
import { useAccount } from './hooks/useAccount';
import { useHere } from './hooks/useHere';
import { AccountView } from './views/AccountView';
import { Broken, Disconnected, Loading } from './views/States';
import { words } from './words';

hubspot.extend<'crm.record.sidebar'>(() => <CompanyScoreCard />);

/** The company's sidebar: its score, its leads ranked, who is missing. */
export function CompanyScoreCard() {
  const { backend, objectId } = useHere();
  const { state, reload } = useAccount(backend, objectId);
  switch (state.status) {
    case 'loading':
      return <Loading label={words.loading} />;
    case 'broken':
      return <Broken problem={state.problem} onRetry={reload} />;
    case 'account':
      return <AccountView account={state.account} />;
    case 'refused':
      return state.failure.code === 'disconnected' ? (
        <Disconnected message={state.failure.message} />
      ) : (
        <EmptyState
          title={words.account.none}
          layout="vertical"
          imageName="contacts"
          flush
          testId="no-account"
        >
          <Text>{state.failure.message}</Text>
        </EmptyState>
      );
  }
}
