import { Flex, ScoreCircle, StatusTag, Text } from '@hubspot/ui-extensions';
import type { Lead } from '../api/types';
import { chance, compared, fit, segment, sinceLook, standing, trend } from '../words';

export const BAND = { High: 'success', Medium: 'warning', Low: 'default' } as const;

/** Score, fit, and what the number means. */
export function Headline({ lead, timezone }: { lead: Lead; timezone: string }) {
  return (
    <Flex direction="column" gap="small">
      <Flex direction="row" gap="medium" align="center">
        <ScoreCircle score={lead.score} testId="score" />
        <Flex direction="column" gap="extra-small">
          <StatusTag variant={BAND[lead.fit_level]} testId="fit">
            {fit(lead)}
          </StatusTag>
          <Text format={{ fontWeight: 'demibold' }} testId="standing">
            {standing(lead)}
          </Text>
          {lead.chance !== null && <Text testId="chance">{chance(lead.chance)}</Text>}
          {lead.chance === null && (
            <Text variant="microcopy" testId="compared">
              {compared(lead.score)}
            </Text>
          )}
        </Flex>
      </Flex>
      {lead.segment !== '' && (
        <Text variant="microcopy" testId="segment">
          {segment(lead.segment)}
        </Text>
      )}
      {lead.since_look !== null && (
        <Text testId="since-look">{sinceLook(lead.since_look, timezone)}</Text>
      )}
      {lead.since_look === null && lead.trend !== null && (
        <Text testId="trend">
          <Text inline format={{ fontWeight: 'demibold' }}>
            {lead.trend.points > 0 ? '▲ ' : '▼ '}
          </Text>
          {trend(lead.trend, timezone)}
        </Text>
      )}
    </Flex>
  );
}
