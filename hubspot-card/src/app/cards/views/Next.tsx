import { Flex, Text, Tile } from '@hubspot/ui-extensions';
import { CrmActionButton } from '@hubspot/ui-extensions/crm';
import type { Lead } from '../api/types';
import { nextAction, nextSentence, words } from '../words';

/** The one thing to do, why, and the card's only primary button. */
export function Next({ lead }: { lead: Lead }) {
  return (
    <Tile compact>
      <Flex direction="row" gap="small" align="center" justify="between">
        <Flex direction="column" gap="flush">
          <Text format={{ fontWeight: 'bold' }} testId="next">
            {words.next}: {nextAction(lead)}
          </Text>
          <Text variant="microcopy" testId="next-reason">
            {nextSentence(lead)}
          </Text>
        </Flex>
        <CrmActionButton
          actionType={lead.next_action === 'Email' ? 'SEND_EMAIL' : 'ADD_TASK'}
          actionContext={{ objectTypeId: '0-1', objectId: Number(lead.contact_id) }}
          variant="primary"
          size="sm"
          testId="create-task"
        >
          {lead.next_action === 'Email' ? words.writeEmail : words.createTask}
        </CrmActionButton>
      </Flex>
    </Tile>
  );
}
