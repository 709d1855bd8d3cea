import { Flex, Heading, Inline, Tag, Text } from '@hubspot/ui-extensions';
import type { Factor, Lead } from '../api/types';
import { signed, sum, words } from '../words';

const EACH_WAY = 3;
const NOT_REASONS = new Set(['portal', 'limit', 'analyst', 'pin']);

/** The strongest reasons each way, and the sum they belong to. */
export function Why({ lead }: { lead: Lead }) {
  const telling = lead.factors.filter((factor) => !NOT_REASONS.has(factor.group));
  const up = telling.filter((factor) => factor.points > 0).slice(0, EACH_WAY);
  const down = telling.filter((factor) => factor.points < 0).slice(0, EACH_WAY);
  return (
    <Flex direction="column" gap="extra-small">
      <Heading>{words.why}</Heading>
      {up.map((factor) => (
        <FactorLine key={factor.field} factor={factor} />
      ))}
      {up.length === 0 && <Text variant="microcopy">{words.nothingFor}</Text>}
      {down.map((factor) => (
        <FactorLine key={factor.field} factor={factor} />
      ))}
      {down.length === 0 && up.length > 0 && (
        <Text variant="microcopy">{words.nothingAgainst}</Text>
      )}
      <Text variant="microcopy" testId="sum">
        {sum(lead.subtotals, lead.score)}
      </Text>
    </Flex>
  );
}

function FactorLine({ factor }: { factor: Factor }) {
  return (
    <Inline gap="small" align="start">
      <Tag variant={factor.points > 0 ? 'success' : 'error'}>{signed(factor.points)}</Tag>
      <Flex direction="column" gap="flush" testId={`reason-${factor.field}`}>
        <Text>{factor.text}</Text>
        {factor.comparison !== '' && <Text variant="microcopy">{factor.comparison}</Text>}
      </Flex>
    </Inline>
  );
}
