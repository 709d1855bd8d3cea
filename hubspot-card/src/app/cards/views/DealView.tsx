import { Flex, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import type { Deal } from '../api/types';
import { day, thenAndNow, words } from '../words';

/** What each contact of a deal scored when it was created, and scores now. */
export function DealView({ deal, timezone }: { deal: Deal; timezone: string }) {
  return (
    <Flex direction="column" gap="small" testId="deal">
      {deal.mode === 'paused' && <Text variant="microcopy">{words.paused}</Text>}
      <Text format={{ fontWeight: 'demibold' }}>
        {words.deal.title(day(deal.created_at, timezone))}
      </Text>
      {deal.leads.map((lead) => (
        <Flex key={lead.contact_id} direction="column" gap="flush">
          <CrmActionLink
            actionType="RECORD_APP_LINK"
            actionContext={{ objectTypeId: '0-1', objectId: Number(lead.contact_id) }}
          >
            {lead.name}
          </CrmActionLink>
          <Text>{thenAndNow(lead)}</Text>
        </Flex>
      ))}
      {deal.further > 0 && (
        <Text variant="microcopy">{words.account.further(deal.further)}</Text>
      )}
    </Flex>
  );
}
