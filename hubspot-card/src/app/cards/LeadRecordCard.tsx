import { hubspot } from '@hubspot/ui-extensions';
import { LeadRecordAnswer } from './api/types';
import { LeadRecordView } from './views/LeadRecordView';
import { RecordCard } from './views/RecordCard';
import { words } from './words';

hubspot.extend<'crm.record.sidebar'>(() => <LeadRecordCard />);

/** The lead record's sidebar: the score of its contact, and what to do. */
export function LeadRecordCard() {
  return (
    <RecordCard
      path={(leadId) => `/card/lead-record?leadId=${leadId}`}
      shape={LeadRecordAnswer}
      none={words.leadRecord.none}
      testId="no-lead"
      draw={({ lead, state, reason }, timezone) => (
        <LeadRecordView lead={lead} state={state} reason={reason} timezone={timezone} />
      )}
    />
  );
}
