import { Flex, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import type { Neighbour } from '../api/types';
import { alike, words } from '../words';

/** Who this lead is like: won and lost ones first, because they contrast. */
export function SimilarLine({ neighbours }: { neighbours: Neighbour[] }) {
  const named = (kind: Neighbour['kind']) =>
    neighbours
      .filter((one) => one.kind === kind)
      .map((one) => one.label)
      .join(', ') || words.none;
  return (
    <Text testId="similar">
      <Text inline format={{ fontWeight: 'demibold' }}>
        {words.similar}
      </Text>{' '}
      {words.won.toLowerCase()}: {named('won')} · {words.lost.toLowerCase()}: {named('lost')}
    </Text>
  );
}

/** The same with what they have in common, for the accordion. */
export function SimilarList({ neighbours }: { neighbours: Neighbour[] }) {
  const kinds = ['won', 'lost', 'ideal_client'] as const;
  const shown = kinds.flatMap((kind) => neighbours.filter((one) => one.kind === kind));
  return (
    <Flex direction="column" gap="extra-small">
      {shown.map((one) => (
        <Flex key={`${one.kind}-${one.contact_id ?? one.label}`} direction="column" gap="flush">
          <Text>
            {words.kinds[one.kind]}: <NeighbourName neighbour={one} /> ({alike(one.similarity)})
          </Text>
          <Text variant="microcopy">{one.facts.join(' · ')}</Text>
        </Flex>
      ))}
    </Flex>
  );
}

/** A link where the neighbour is a contact of this account. */
export function NeighbourName({ neighbour }: { neighbour: Neighbour }) {
  if (neighbour.contact_id === null) {
    return (
      <Text inline format={{ fontWeight: 'demibold' }}>
        {neighbour.label}
      </Text>
    );
  }
  return (
    <CrmActionLink
      actionType="RECORD_APP_LINK"
      actionContext={{ objectTypeId: '0-1', objectId: Number(neighbour.contact_id) }}
    >
      {neighbour.label}
    </CrmActionLink>
  );
}
