import { Flex, ScoreCircle, StatusTag, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import type { Account, AccountLead } from '../api/types';
import { absent, accountSum, fit, signed, upperFirst, words } from '../words';
import { BAND } from './Headline';

/** A company's score and how it adds up, its leads, and which departments are missing. */
export function AccountView({ account }: { account: Account }) {
  return (
    <Flex direction="column" gap="small" testId="account">
      {account.mode === 'paused' && <Text variant="microcopy">{words.paused}</Text>}
      <Flex direction="row" gap="medium" align="center">
        <ScoreCircle score={account.score} testId="score" />
        <Flex direction="column" gap="extra-small">
          <StatusTag variant={BAND[account.fit_level]} testId="fit">
            {fit(account)}
          </StatusTag>
          <Text variant="microcopy" testId="sum">
            {accountSum(account)}
          </Text>
        </Flex>
      </Flex>
      <Text format={{ fontWeight: 'demibold' }}>{words.account.leads}</Text>
      {account.leads.map((lead) => (
        <LeadLine key={lead.contact_id} lead={lead} />
      ))}
      {account.further > 0 && (
        <Text variant="microcopy">{words.account.further(account.further)}</Text>
      )}
      {account.absent.map((one) => (
        <Text key={one.department} testId={`absent-${one.department}`}>
          {absent(one)}
        </Text>
      ))}
    </Flex>
  );
}

function LeadLine({ lead }: { lead: AccountLead }) {
  const facts = [
    upperFirst(lead.department),
    lead.next_action,
    lead.adds === 0 || lead.adds === lead.score ? '' : words.account.adds(signed(lead.adds)),
  ].filter(Boolean);
  return (
    <Flex direction="column" gap="flush" testId={`account-lead-${lead.contact_id}`}>
      <Text>
        <Text inline format={{ fontWeight: 'demibold' }}>
          {lead.score}
        </Text>{' '}
        <CrmActionLink
          actionType="RECORD_APP_LINK"
          actionContext={{ objectTypeId: '0-1', objectId: Number(lead.contact_id) }}
        >
          {lead.name}
        </CrmActionLink>
      </Text>
      {facts.length > 0 && <Text variant="microcopy">{facts.join(' · ')}</Text>}
    </Flex>
  );
}
