import { Flex, Text, Tile } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import type { LeadRecordAnswer } from '../api/types';
import { closedLead, nextAction, nextSentence, words } from '../words';
import { Headline } from './Headline';
import { Why } from './Why';

type Props = Pick<LeadRecordAnswer, 'lead' | 'state' | 'reason'> & { timezone: string };

/** The contact's score on its lead record; what is closed calls for no action. */
export function LeadRecordView({ lead, state, reason, timezone }: Props) {
  const context = { objectTypeId: '0-1', objectId: Number(lead.contact_id) };
  return (
    <Flex direction="column" gap="small" testId="lead-record">
      {lead.mode === 'paused' && <Text variant="microcopy">{words.paused}</Text>}
      <Headline lead={lead} timezone={timezone} />
      <Tile compact>
        {state === 'open' ? (
          <Flex direction="column" gap="flush">
            <Text format={{ fontWeight: 'bold' }} testId="next">
              {words.next}: {nextAction(lead)}
            </Text>
            <Text variant="microcopy">{nextSentence(lead)}</Text>
          </Flex>
        ) : (
          <Text testId="closed">{closedLead(state, reason)}</Text>
        )}
      </Tile>
      <Why lead={lead} />
      <CrmActionLink actionType="RECORD_APP_LINK" actionContext={context}>
        {words.leadRecord.contact}
      </CrmActionLink>
    </Flex>
  );
}
