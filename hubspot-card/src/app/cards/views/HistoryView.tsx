import {
  Flex,
  Heading,
  LineChart,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import type { History, Moment, Move, Neighbour } from '../api/types';
import { alike, causeName, moment, signed, sum, words } from '../words';
import { FactorTable } from './FactorTable';
import { NeighbourName } from './Similar';

const KIND = { ideal_client: 'info', won: 'success', lost: 'error' } as const;

/** The tab: how the score came about, what would move it, who it is like, every factor. */
export function HistoryView({ history, timezone }: { history: History; timezone: string }) {
  return (
    <Flex direction="column" gap="large" testId="history">
      <Moves moves={history.moves} />
      <Timeline moments={history.moments} timezone={timezone} />
      <Neighbours neighbours={history.neighbours} />
      <Flex direction="column" gap="small">
        <Heading>{words.tab.factors}</Heading>
        <Text variant="microcopy" testId="sum">
          {sum(history.subtotals, history.score)}
        </Text>
        <FactorTable factors={history.factors} />
      </Flex>
    </Flex>
  );
}

function Moves({ moves }: { moves: Move[] }) {
  return (
    <Flex direction="column" gap="small">
      <Heading>{words.tab.moves}</Heading>
      {moves.length === 0 && <Text>{words.tab.noMoves}</Text>}
      {moves.map((move) => (
        <Flex key={move.text} direction="row" gap="small" align="center">
          <Tag variant="success">{signed(move.points)}</Tag>
          <Text>{move.text}</Text>
        </Flex>
      ))}
    </Flex>
  );
}

function Timeline({ moments, timezone }: { moments: Moment[]; timezone: string }) {
  const points = [...moments]
    .reverse()
    .map((one) => ({ at: new Date(one.scored_at).getTime(), score: one.score }));
  return (
    <Flex direction="column" gap="small">
      <Heading>{words.tab.history}</Heading>
      {points.length > 1 && (
        <LineChart
          data={points}
          axes={{
            x: { field: 'at', fieldType: 'datetime', label: words.table.when },
            y: { field: 'score', fieldType: 'linear', label: words.table.score },
          }}
          options={{ title: words.tab.chart, showTooltips: true }}
        />
      )}
      <Table density="condensed" flush testId="moments">
        <TableHead>
          <TableRow>
            <TableHeader>{words.table.when}</TableHeader>
            <TableHeader align="right">{words.table.score}</TableHeader>
            <TableHeader>{words.table.cause}</TableHeader>
            <TableHeader>{words.table.changed}</TableHeader>
          </TableRow>
        </TableHead>
        <TableBody>
          {moments.map((one, place) => (
            <TableRow key={`${one.scored_at}-${moments.length - place}`}>
              <TableCell>{moment(one.scored_at, timezone)}</TableCell>
              <TableCell align="right">{one.score}</TableCell>
              <TableCell>{causeName(one.cause)}</TableCell>
              <TableCell>
                <Changed one={one} isOldest={place === moments.length - 1} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Flex>
  );
}

/** One line each. */
function Changed({ one, isOldest }: { one: Moment; isOldest: boolean }) {
  if (one.changes.length === 0) {
    return <Text>{isOldest ? words.tab.firstScore : '–'}</Text>;
  }
  return (
    <Flex direction="column" gap="flush">
      {one.changes.map((change) => (
        <Text key={change.text}>{`${signed(change.points)} ${change.text}`}</Text>
      ))}
    </Flex>
  );
}

function Neighbours({ neighbours }: { neighbours: Neighbour[] }) {
  return (
    <Flex direction="column" gap="small">
      <Heading>{words.tab.neighbours}</Heading>
      {neighbours.length === 0 && <Text>{words.tab.noNeighbours}</Text>}
      {neighbours.length > 0 && (
        <Table density="condensed" flush testId="neighbours">
          <TableHead>
            <TableRow>
              <TableHeader>{words.table.outcome}</TableHeader>
              <TableHeader>{words.table.who}</TableHeader>
              <TableHeader align="right">{words.table.alike}</TableHeader>
            </TableRow>
          </TableHead>
          <TableBody>
            {neighbours.map((one) => (
              <TableRow key={`${one.kind}-${one.contact_id ?? one.label}`}>
                <TableCell>
                  <Tag variant={KIND[one.kind]}>{words.kinds[one.kind]}</Tag>
                </TableCell>
                <TableCell>
                  <NeighbourName neighbour={one} />
                  <Text variant="microcopy">{one.facts.join(' · ')}</Text>
                </TableCell>
                <TableCell align="right">{alike(one.similarity)}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </Flex>
  );
}
