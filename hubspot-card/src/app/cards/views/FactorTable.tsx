import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Text,
} from '@hubspot/ui-extensions';
import type { Factor } from '../api/types';
import { signed, words } from '../words';

/** Every factor with the lead's own value and its points. */
export function FactorTable({ factors }: { factors: Factor[] }) {
  return (
    <Table density="condensed" flush testId="factors">
      <TableHead>
        <TableRow>
          <TableHeader>{words.table.field}</TableHeader>
          <TableHeader align="right" width="min">
            {words.table.points}
          </TableHeader>
        </TableRow>
      </TableHead>
      <TableBody>
        {factors.map((factor) => (
          <TableRow key={factor.field}>
            <TableCell>
              <Text>{factor.text}</Text>
              {factor.comparison !== '' && <Text variant="microcopy">{factor.comparison}</Text>}
              {factor.group === 'portal' && <Text variant="microcopy">{words.startsAt}</Text>}
            </TableCell>
            <TableCell align="right">{signed(factor.points)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
