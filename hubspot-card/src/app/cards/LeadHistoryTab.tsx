import { hubspot } from '@hubspot/ui-extensions';
import { HistoryAnswer, type Failure } from './api/types';
import { useAnswer } from './hooks/useAnswer';
import { useHere } from './hooks/useHere';
import { HistoryView } from './views/HistoryView';
import { Broken, Disconnected, Loading, NotALead, NotScored, Scoring } from './views/States';
import { words } from './words';

hubspot.extend<'crm.record.tab'>(() => <LeadHistoryTab />);

/** The contact's tab, where there is room for the whole story. */
export function LeadHistoryTab() {
  const { backend, objectId: contactId, timezone } = useHere();
  const { state, reload } = useAnswer(
    backend,
    `/card/history?contactId=${contactId}`,
    HistoryAnswer,
  );
  switch (state.status) {
    case 'loading':
      return <Loading label={words.loadingHistory} />;
    case 'broken':
      return <Broken problem={state.problem} onRetry={reload} />;
    case 'refused':
      return <Refused failure={state.failure} />;
    case 'known':
      return <HistoryView history={state.value.history} timezone={timezone} />;
  }
}

function Refused({ failure }: { failure: Failure }) {
  switch (failure.code) {
    case 'disconnected':
      return <Disconnected message={failure.message} />;
    case 'not_a_lead':
      return <NotALead reason={failure.message} />;
    case 'scoring':
      return <Scoring />;
    default:
      return <NotScored failure={failure} />;
  }
}
