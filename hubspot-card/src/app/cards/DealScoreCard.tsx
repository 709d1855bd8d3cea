import { hubspot } from '@hubspot/ui-extensions';
import { DealAnswer } from './api/types';
import { DealView } from './views/DealView';
import { RecordCard } from './views/RecordCard';
import { words } from './words';

hubspot.extend<'crm.record.sidebar'>(() => <DealScoreCard />);

/** The deal's sidebar: its contacts' scores when it was created, and now. */
export function DealScoreCard() {
  return (
    <RecordCard
      path={(dealId) => `/card/deal?dealId=${dealId}`}
      shape={DealAnswer}
      none={words.deal.none}
      testId="no-deal"
      draw={({ deal }, timezone) => <DealView deal={deal} timezone={timezone} />}
    />
  );
}
