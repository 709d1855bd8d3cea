import { Text } from '@hubspot/ui-extensions';
import type { Missing } from '../api/types';
import { couldAdd, words } from '../words';

/** What nobody has filled in, the most valuable first; unknown is not bad, so it costs nothing. */
export function MissingLine({ missing }: { missing: Missing[] }) {
  if (missing.length === 0) {
    return null;
  }
  const sorted = [...missing].sort((a, b) => b.could_add - a.could_add);
  return (
    <Text testId="missing">
      <Text inline format={{ fontWeight: 'demibold' }}>
        {words.missing}
      </Text>{' '}
      {sorted.map((gap) => gap.label + couldAdd(gap.could_add)).join(' · ')}
    </Text>
  );
}
