import { hubspot } from '@hubspot/ui-extensions';
import { AccountAnswer } from './api/types';
import { AccountView } from './views/AccountView';
import { RecordCard } from './views/RecordCard';
import { words } from './words';

hubspot.extend<'crm.record.sidebar'>(() => <CompanyScoreCard />);

/** The company's sidebar: its score, its leads ranked, who is missing. */
export function CompanyScoreCard() {
  return (
    <RecordCard
      path={(companyId) => `/card/company?companyId=${companyId}`}
      shape={AccountAnswer}
      none={words.account.none}
      testId="no-account"
      draw={({ account }) => <AccountView account={account} />}
    />
  );
}
